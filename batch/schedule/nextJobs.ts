import type { Generation } from '../../schemas/generation.ts'
import type { Job } from '../../schemas/ports/jobs.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import {
  type BatchJobName,
  type RecomputeData,
  readRecomputeData,
  recomputeJob,
  trainJob,
} from '../jobs/jobs.ts'

/** State of the batch layer in the views. */
export type JobFacts = {
  readonly zone: string
  /** The published generation; null before the first. */
  readonly published: Pick<Generation, 'generation' | 'highWaterMs' | 'heldSinceMs'> | null
  /** Days that are not ordinary: days of events, and those that events exclude. */
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
  /** Records in the master data set, over all partitions. */
  readonly archived: number
}

export type NextJobsParameters = JobFacts & {
  readonly nowMs: EpochMs
  /** Allowed lateness; a day is closed that long after its midnight. */
  readonly latenessS: number
  /** Event time that all active partitions have reached; null before the first. */
  readonly watermarkMs: EpochMs | null
}

/**
 * The jobs due: for the newest local midnight that is closed and not yet published. A published
 * high-water mark that the clock has not reached is of a clock that was ahead, and is taken back.
 * While an operator holds later ones back, none is due.
 *
 * A midnight is closed when the clock is past it by the lateness and the active partitions have
 * reached it. Training comes first, so that the recomputation uses its model. Ids are
 * deterministic, so that a job is done once however often it is due.
 */
export function nextJobs(parameters: NextJobsParameters): Job[] {
  const { nowMs, zone, latenessS, watermarkMs, published } = parameters
  if (watermarkMs === null) return []
  const reachedMs = Math.min(nowMs - latenessS * 1000, watermarkMs)
  const highWaterMs = localDayOf(reachedMs, zone).startMs
  if (published && published.highWaterMs > nowMs) return [takeBackJob(parameters, highWaterMs)]
  if (published && (published.heldSinceMs !== null || published.highWaterMs >= highWaterMs))
    return []
  return [jobFor(parameters, 'train', highWaterMs), jobFor(parameters, 'recompute', highWaterMs)]
}

/**
 * The job of a high-water mark; the recomputation follows the published generation. At the
 * published high-water mark it is for the days that became dirty since.
 */
export function jobFor(facts: JobFacts, name: BatchJobName, highWaterMs: EpochMs): Job {
  if (name === 'train') return trainJob({ highWaterMs })
  const { zone, published, excludedDates, holidays } = facts
  return recomputeJob({
    ...{ highWaterMs, zone, after: published?.generation ?? 0 },
    archived: published?.highWaterMs === highWaterMs ? facts.archived : null,
    excludedDates: [...excludedDates],
    holidays: [...holidays],
  })
}

/** Replaces the published generation by one with an earlier high-water mark. */
export function takeBackJob(facts: JobFacts, highWaterMs: EpochMs): Job {
  return withData(jobFor(facts, 'recompute', highWaterMs), { takesBack: true })
}

/** A recomputation as an operator asks for it, with what it says of later high-water marks. */
export function operatorJob(job: Job, hold: 'set' | 'lift'): Job {
  return withData(job, { hold })
}

function withData({ data }: Job, more: Partial<RecomputeData>): Job {
  return recomputeJob({ ...readRecomputeData(data), ...more })
}
