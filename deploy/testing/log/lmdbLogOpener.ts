import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'

/**
 * A process that opens and closes a log again and again, as restarts do. Run by the tests of
 * `lmdbLog.ts` only.
 *
 * Arguments: folder, times.
 */
const [dir = '', times = ''] = process.argv.slice(2)

for (let time = 0; time < Number(times); time++) {
  const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 2 } })
  await log.close()
}
