import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'

/**
 * A process with a file size limit, as on a full disk. Run by the tests of
 * `lmdbLog.ts` only.
 *
 * Argument: folder. It appends 300 kB at a time until that is refused, tries eight more at
 * once, then appends a little, and prints as JSON how often each succeeded.
 */
const [dir = ''] = process.argv.slice(2)

const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 2 } })
const large = await appendUntilRefused(300_000)
const asked = Array.from({ length: 8 }, () => append(300_000))
const refused = (await Promise.all(asked)).filter((isIn) => !isIn).length
// An unhandled rejection would end the process in the next turn.
await new Promise((resolve) => setTimeout(resolve, 100))
const small = await append(10)
await log.close()
process.stdout.write(JSON.stringify({ large, refused, small }))

async function appendUntilRefused(bytes: number): Promise<number> {
  for (let times = 0; times < 100; times++) if (!(await append(bytes))) return times
  throw new Error('The disk never became full.')
}

async function append(bytes: number): Promise<boolean> {
  const record = { key: new Uint8Array(), value: new Uint8Array(bytes) }
  try {
    await log.append('readings.v1', 0, [record])
    return true
  } catch (error) {
    if (error instanceof RetryableError) return false
    throw error
  }
}
