import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { runBatch } from '../../batch/run.ts'
import { nextJobs } from '../../batch/schedule/nextJobs.ts'
import { type Arrived, isArchived, noteArrived } from '../../batch/schedule/noteArrived.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Job, JobState, Jobs } from '../../schemas/ports/jobs.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import type { Config } from '../config.ts'
import { type Logger, openClock, openJobs, openLog, openLogger, openViews } from '../ports.ts'
import { programFile, sayReady } from '../process/runtime.ts'
import { readJobFacts } from './jobFacts.ts'

/** The batch layer: the archive's loop, the workers, and, where wanted, the daily schedule. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const logger = openLogger(config, 'batch')
  const clock = openClock(config)
  const [log, views, jobs] = await Promise.all([
    openLog(config),
    openViews(config),
    openJobs(config),
  ])
  const { finished } = await runBatch({
    ...{ log, views, clock, jobs, signal },
    module: pathToFileURL(programFile(path.join(import.meta.dirname, 'batchWorker.ts'))),
    archive: {
      latenessS: config.latenessS,
      onRetry: (error) => logger.warn(`The archive starts again: ${error.message}`),
    },
  })
  sayReady()
  const planned =
    config.schedule === 'daily'
      ? followSchedule({ config, log, views, jobs, clock, signal, logger })
      : Promise.resolve()
  await Promise.all([finished, planned])
  await Promise.all([log.close(), views.close(), jobs.close()])
}

const turnMs = 5_000
/** A recomputation that failed is asked for again after so many turns: about a minute. */
const failedTurns = 12

type Schedule = {
  readonly config: Config
  readonly log: Log
  readonly views: Views
  readonly jobs: Jobs
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Adds what is due, one job after the other: a recomputation forecasts with what was learnt. */
async function followSchedule(schedule: Schedule): Promise<void> {
  const { clock, signal, logger } = schedule
  const turn = createScheduleTurn(schedule)
  while (!signal.aborted) {
    await turn().catch((error: unknown) => {
      logger.warn(`The schedule is looked at again: ${sentenceOf(error)}`)
    })
    await clock.sleep(turnMs, signal).catch(() => {})
  }
}

/** One look at what is due, again and again. */
function createScheduleTurn(schedule: Schedule): () => Promise<void> {
  const { log, jobs } = schedule
  let arrived: Arrived | null = null
  let turnsSinceFailed = 0

  async function askFor(job: Job): Promise<JobState> {
    const { state } = await jobs.report(job.name, job.id)
    if (state === 'unknown') await jobs.add(job)
    // A training that failed is passed over: the recomputation takes the model there is.
    if (state !== 'failed' || job.name === 'train') return state
    turnsSinceFailed = (turnsSinceFailed + 1) % failedTurns
    if (turnsSinceFailed === 0) await jobs.add(job)
    return state
  }

  return async () => {
    const due = await findDue(schedule)
    const progress = await log.progress('archive', readingsTopic)
    const last = due.at(-1)
    if (!last) return
    arrived = noteArrived(arrived, last.id, progress)
    if (!isArchived(arrived, progress)) return
    for (const job of due) {
      const state = await askFor(job)
      if (state !== 'completed' && state !== 'failed') return
    }
  }
}

async function findDue({ config, views, clock }: Schedule): Promise<Job[]> {
  const facts = await readJobFacts(views)
  const marks = await views.query('watermarks')
  const reached = marks.map((each) => each.watermark_ms + config.latenessS * 1000)
  // Every partition must have said how far it is.
  const watermarkMs = reached.length < config.partitions ? null : Math.min(...reached)
  const at = { nowMs: clock.nowMs(), latenessS: config.latenessS, watermarkMs }
  return nextJobs({ ...facts, ...at })
}
