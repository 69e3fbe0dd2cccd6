import path from 'node:path'
import { archiveGroup } from '../../batch/archive/archiving.ts'
import { runArchive } from '../../batch/archive/runArchive.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'

/**
 * One of several processes of a layer, to kill, to stop, or to end by SIGTERM.
 *
 * Arguments: `speed` or `archive`, address of the store, folder of the log, number of partitions,
 * lease in ms.
 */
const [layer = '', url = '', dir = '', partitions = '1', lease = '2000'] = process.argv.slice(2)

const count = Number(partitions)
const topics = { [readingsTopic]: count, [rejectedTopic]: 1 }
const log = await openLmdbLog({ dir: path.resolve(dir), partitions: topics })
const views = await openClickHouseViews({ url })
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
// Nobody else would end it once its test is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
const { signal } = stop
const ports = { log, views, clock: systemClock() }
const member = { name: `${layer}:${process.pid}`, leaseMs: Number(lease) }
process.send?.('ready')
if (layer === 'speed') await runSpeed({ ...ports, signal, partitions: count, member })
else {
  const membership = await log.join(archiveGroup, { topics: Object.keys(topics), ...member })
  await runArchive({ ...ports, membership }, { signal })
}
await log.close()
await views.close()
process.exit(0)
