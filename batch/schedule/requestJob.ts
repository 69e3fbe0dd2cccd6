import {
  HighWaterMarkToComeError,
  NotStartOfDayError,
  TakeBackGoneError,
} from '../../schemas/errors/generation.ts'
import { noGeneration } from '../../schemas/generation.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Job, Jobs } from '../../schemas/ports/jobs.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Models } from '../../schemas/ports/models.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type EpochMs, isoUtc, localDayOf } from '../../schemas/time.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { type BatchJobName, readRecomputeData } from '../jobs/jobs.ts'
import { planDays, type RecomputeOptions } from '../recompute/planRun.ts'
import { jobFor, operatorJob, takeBackJob } from './nextJobs.ts'
import { type DatedEvent, readJobFacts } from './readJobFacts.ts'

export type RequestJobPorts = {
  readonly views: Views
  readonly jobs: Jobs
  readonly models: Models
  readonly log: Pick<Log, 'progress'>
  readonly clock: Pick<Clock, 'nowMs'>
  /** Events are serving's: who wires the layers gives them. */
  readonly readEvents: () => Promise<readonly { readonly event: DatedEvent }[]>
}

/** A local day of any zone that contains the high-water mark begins at most so long before it. */
const replayedMs = 25 * 3_600_000

export type RequestJobParameters = {
  readonly name: BatchJobName
  readonly highWaterMs: EpochMs
  /** Whether a later published high-water mark is to be replaced by this one. */
  readonly takesBack?: boolean | undefined
  readonly options: RecomputeOptions
}

export type RequestJobReturnType = {
  /** Null when there is nothing to do. */
  readonly id: string | null
  readonly sentence: string
}

/**
 * Adds a batch job for a high-water mark, as `POST /api/v1/jobs` does. Repeating it adds no second
 * job. A published high-water mark is recomputed if days of it are dirty; a later one is taken back
 * if that is asked for and the log still has what the live view then replays. The daily schedule
 * then publishes no later one until one is asked for here.
 *
 * @throws HighWaterMarkToComeError for a high-water mark that the clock has not reached.
 * @throws NotStartOfDayError for one within a day.
 * @throws TakeBackGoneError
 */
export async function requestJob(
  ports: RequestJobPorts,
  { name, highWaterMs, takesBack = false, options }: RequestJobParameters,
): Promise<RequestJobReturnType> {
  const { views, models, clock, readEvents } = ports
  const nowMs = clock.nowMs()
  if (highWaterMs > nowMs) {
    throw new HighWaterMarkToComeError({ highWater: isoUtc(highWaterMs), now: isoUtc(nowMs) })
  }
  const facts = await readJobFacts(views, readEvents)
  if (localDayOf(highWaterMs, facts.zone).startMs !== highWaterMs) {
    throw new NotStartOfDayError({ highWater: isoUtc(highWaterMs), zone: facts.zone })
  }
  const job = jobFor(facts, name, highWaterMs)
  if (name === 'train') return add(ports, job)
  const published = facts.published ?? noGeneration
  const highWater = isoUtc(highWaterMs)
  if (published.highWaterMs > highWaterMs && takesBack) {
    await checkReplay(ports, highWaterMs)
    return add(ports, operatorJob(takeBackJob(facts, highWaterMs), 'set'))
  }
  if (published.highWaterMs > highWaterMs) {
    const later = `generation ${published.generation} has a later one (\`takesBack\` replaces it)`
    return { id: null, sentence: `There is nothing to do up to ${highWater}: ${later}.` }
  }
  const data = readRecomputeData(job.data)
  const { isUnchanged } = await planDays({ views, models }, { data, options, published })
  const lifts = published.heldSinceMs !== null && published.highWaterMs < highWaterMs
  if (lifts) return add(ports, operatorJob(job, 'lift'))
  if (!isUnchanged) return add(ports, job)
  const newest = `generation ${published.generation} has every reading`
  return { id: null, sentence: `There is nothing to do up to ${highWater}: ${newest}.` }
}

/** The live view is replayed from the local day that contains the high-water mark. */
async function checkReplay({ views, log }: RequestJobPorts, highWaterMs: EpochMs): Promise<void> {
  const needed = await views.query('replay_offsets', { from_ms: highWaterMs - replayedMs })
  const starts = await log.progress('speed', readingsTopic)
  for (const { partition, start } of starts) {
    const offset = needed.find((row) => row.log_partition === partition)?.log_offset
    if (offset === undefined || offset >= start) continue
    const highWater = isoUtc(highWaterMs)
    throw new TakeBackGoneError({ highWater, partition, needed: offset, start })
  }
}

async function add({ jobs }: RequestJobPorts, job: Job): Promise<RequestJobReturnType> {
  await jobs.add(job)
  return { id: job.id, sentence: `The job ${job.id} waits for the batch layer.` }
}
