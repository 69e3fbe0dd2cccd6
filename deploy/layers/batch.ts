import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { runBatch } from '../../batch/run.ts'
import { followSchedule } from '../../batch/schedule/followSchedule.ts'
import { readJobFacts } from '../../batch/schedule/readJobFacts.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'
import {
  openClock,
  openJobs,
  openLog,
  openLogger,
  openNotices,
  openViews,
} from '../engines/ports.ts'
import type { Config } from '../installation/config.ts'
import { programFile, sayReady } from '../process/runtime.ts'
import { memberOf } from './memberOf.ts'

/** The batch layer: the archive's loop, the workers, and the schedule. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const logger = openLogger(config, 'batch')
  const clock = openClock(config)
  const notices = openNotices(config)
  const [log, views, jobs] = await Promise.all([
    openLog(config),
    openViews(config, false, notices),
    openJobs(config),
  ])
  const { finished, isLeading } = await runBatch({
    ...{ log, views, clock, jobs, signal, member: memberOf(config) },
    module: pathToFileURL(programFile(path.join(import.meta.dirname, 'batchWorker.ts'))),
    archive: {
      latenessS: config.latenessS,
      onRetry: (error) => logger.warn(`The archive restarts: ${error.message}`),
    },
  })
  sayReady()
  const store = openEventStore(views, (_, error) => logger.warn(error.message))
  const planned = followSchedule({
    ...{ log, views, jobs, clock, notices, signal, isLeading },
    isDaily: config.schedule === 'daily',
    latenessS: config.latenessS,
    idleS: config.idleS,
    quietS: config.quietS,
    readFacts: () => readJobFacts(views, store.events),
    report: (sentence) => logger.warn(sentence),
  })
  await Promise.all([finished, planned])
  await Promise.all([log.close(), views.close(), jobs.close()])
}
