import path from 'node:path'
import { pino } from 'pino'
import { batchJobNames } from '../../batch/jobs/jobs.ts'
import { UnknownEngineError } from '../../schemas/errors/configuration.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Inference } from '../../schemas/ports/inference.ts'
import type { Jobs } from '../../schemas/ports/jobs.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Models } from '../../schemas/ports/models.ts'
import type { Notices } from '../../schemas/ports/notices.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { holders, readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { jobsUrlOf, viewsUrlOf } from '../installation/addresses.ts'
import type { Config } from '../installation/config.ts'
import { openSimulatedClock } from './clock/simulatedClock.ts'
import { systemClock } from './clock/systemClock.ts'
import { openOnnxInference } from './inference/onnxInference.ts'
import { openFolderModels } from './models/folderModels.ts'
import { openFolderNotices } from './notices/folderNotices.ts'
import { announceInserts } from './views/announceInserts.ts'

/**
 * Each function opens one port on the configured engine. Engines are loaded when opened:
 * a process that needs one engine does not load the libraries of all.
 */
export async function openLog(config: Config): Promise<Log> {
  const partitions = { [readingsTopic]: config.partitions, [rejectedTopic]: 1 }
  const url = new URL(config.logUrl ?? `lmdb:${path.join(config.dir, 'log')}`)
  if (url.protocol !== 'lmdb:') {
    throw new UnknownEngineError({
      key: 'LOG_URL',
      scheme: url.protocol,
      known: ['lmdb:/folder'],
    })
  }
  const clock = openClock(config)
  const { openLmdbLog } = await import('./log/lmdb/lmdbLog.ts')
  return openLmdbLog({
    dir: decodeURIComponent(url.pathname),
    partitions,
    holders,
    nowMs: () => clock.nowMs(),
    ...(config.logRetainRecords === null ? {} : { retainRecordsMax: config.logRetainRecords }),
  })
}

/** What the views have new besides readings and figures is announced by whoever inserts it. */
export function openNotices(config: Config): Notices {
  return openFolderNotices(path.join(config.dir, 'notices'))
}

/** @param isAwaited somebody waits for each answer: none within two seconds is an error. */
export async function openViews(
  config: Config,
  isAwaited = false,
  notices = openNotices(config),
): Promise<Views> {
  const { openClickHouseViews } = await import('./views/clickhouseViews.ts')
  const views = await openClickHouseViews({ url: viewsUrlOf(config), isAwaited })
  return announceInserts(views, notices)
}

export function openClock(config: Config): Clock {
  return config.clock === 'system' ? systemClock() : openSimulatedClock(clockDir(config))
}

export function clockDir(config: Config): string {
  return path.join(config.dir, 'clock')
}

export async function openJobs(config: Config): Promise<Jobs> {
  const { openBullmqJobs } = await import('./jobs/bullmqJobs.ts')
  // Handlers run in processes of their own, so the locks are renewed however long a job runs; a
  // killed worker's job is taken over after this.
  return openBullmqJobs({ url: jobsUrlOf(config), names: batchJobNames, lockMs: 10_000 })
}

export function openModels(config: Config): Models {
  return openFolderModels(path.join(config.dir, 'models'))
}

export function openInference(): Inference {
  return openOnnxInference()
}

/** One line of JSON per entry on standard error; secrets are redacted. */
export function openLogger(config: Config, name: string) {
  const redact = ['req.headers.authorization', '*.token', '*.password', '*.privateKey']
  return pino({ name, level: config.logLevel, redact }, pino.destination({ fd: 2, sync: true }))
}
