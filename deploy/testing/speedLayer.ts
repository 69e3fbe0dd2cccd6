import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'

export type MemoryOfLayer = {
  /** Objects that are in use, and buffers. */
  readonly bytes: number
  readonly rssBytes: number
}

/**
 * The speed layer in a process to kill, as under the supervisor. Under `--expose-gc` it answers
 * each message with the memory that it holds.
 *
 * Arguments: address of the store, where the log is as JSON, number of partitions.
 */
const [url = '', place = '{}', partitions = '1'] = process.argv.slice(2)

const log = await openLmdbLog(JSON.parse(place))
const views = await openClickHouseViews({ url })
process.on('message', () => process.send!(measureMemory()))
process.send?.('ready')
const { signal } = new AbortController()
await runSpeed({ log, views, clock: systemClock(), signal, partitions: Number(partitions) })

function measureMemory(): MemoryOfLayer {
  ;(globalThis as { gc?: () => void }).gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { bytes: heapUsed + external, rssBytes: rss }
}
