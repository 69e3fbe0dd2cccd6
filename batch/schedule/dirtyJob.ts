import type { Job } from '../../schemas/ports/jobs.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type JobFacts, jobFor } from './nextJobs.ts'

/** Days before the high-water mark with readings that the published generation does not have. */
export type DirtyDays = {
  readonly dates: ReadonlySet<string>
  readonly meters: ReadonlySet<string>
  /** When the first and the last of those readings were noticed; null before the first. */
  readonly sinceMs: EpochMs | null
  readonly latestMs: EpochMs | null
}

/** While late readings keep arriving, a recomputation waits for at most this many quiet times. */
const quietTimesMax = 5

/**
 * The recomputation of dirty days, at the same high-water mark: once no late reading has been
 * noticed for the quiet time, because a delivery comes in many parts and each generation costs a
 * run; under a steady trickle after five quiet times. Null while none is due.
 *
 * @param askedMs when this was last asked for; the next comes a quiet time later at the earliest.
 */
export function dirtyJob(
  facts: JobFacts,
  { sinceMs, latestMs }: DirtyDays,
  at: { readonly nowMs: EpochMs; readonly quietS: number; readonly askedMs: EpochMs | null },
): Job | null {
  const { published } = facts
  if (!published || sinceMs === null || latestMs === null) return null
  // If the clock was set back, the days must not wait until it has caught up.
  const age = (ms: EpochMs) => Math.abs(at.nowMs - ms)
  const quietMs = at.quietS * 1000
  const isQuiet = age(latestMs) >= quietMs || age(sinceMs) >= quietTimesMax * quietMs
  const isAskedNow = at.askedMs !== null && age(at.askedMs) < quietMs
  if (!isQuiet || isAskedNow) return null
  return jobFor(facts, 'recompute', published.highWaterMs)
}
