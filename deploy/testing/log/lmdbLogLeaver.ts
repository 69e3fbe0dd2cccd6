import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'

/**
 * A process that ends with appends under way. Run by the tests of `lmdbLog.ts` only.
 *
 * Arguments: folder, `exit` or `throw`.
 */
const [dir = '', how = ''] = process.argv.slice(2)

const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 2 } })
for (const _ of ['one', 'another']) void appendForEver()
setTimeout(() => {
  if (how === 'throw') throw new Error('not caught')
  process.exit(3)
}, 150)

async function appendForEver(): Promise<never> {
  const record = { key: new Uint8Array(), value: new Uint8Array(2_000) }
  for (;;) await log.append('readings.v1', 0, [record])
}
