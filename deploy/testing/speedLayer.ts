import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'

/**
 * The speed layer in a process to kill, as under the supervisor.
 *
 * Arguments: address of the store, where the log is as JSON, number of partitions.
 */
const [url = '', place = '{}', partitions = '1'] = process.argv.slice(2)

const log = await openLmdbLog(JSON.parse(place))
const views = await openClickHouseViews({ url })
process.send?.('ready')
const { signal } = new AbortController()
await runSpeed({ log, views, clock: systemClock(), signal, partitions: Number(partitions) })
