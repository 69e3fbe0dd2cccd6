import { type PartitionState, reachedByAwake } from '../../schemas/partitions.ts'
import type { Job } from '../../schemas/ports/jobs.ts'
import type { LogProgress } from '../../schemas/ports/log.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readRecomputeData } from '../jobs/jobs.ts'
import { type JobFacts, nextJobs } from './nextJobs.ts'
import { type Arrived, isArchived, noteArrived } from './noteArrived.ts'

/** State of the clock, the log and the views in one turn. */
export type Seen = {
  readonly nowMs: EpochMs
  readonly latenessS: number
  /** A partition without a record for this long is idle, s. */
  readonly idleS: number
  readonly facts: JobFacts
  /** Progress of the archive in the log. */
  readonly progress: readonly LogProgress[]
  readonly rows: readonly RowOf<'archive_progress'>[]
}

export type Turn = {
  /** State for the next turn. */
  readonly arrived: Arrived | null
  /** Jobs to add now, one after the other. */
  readonly jobs: readonly Job[]
}

/**
 * Decides which jobs to add now.
 *
 * An idle partition does not block the schedule. But the delivery of a day may begin in any
 * partition while the others still look idle: a high-water mark that only some have reached waits
 * for one idle time more. A partition that becomes active again is waited for; its readings of
 * published days are late and part of the next generation.
 */
export function planTurn(arrived: Arrived | null, seen: Seen): Turn {
  const { nowMs, latenessS, idleS, facts, progress } = seen
  const partitions = partitionStates(seen)
  const watermarkMs = reachedByAwake(partitions, { nowMs, idleS })
  const due = nextJobs({ ...facts, nowMs, latenessS, watermarkMs })
  const last = due.at(-1)
  if (!last) return { arrived: null, jobs: [] }
  const noted = noteArrived(arrived, { id: last.id, nowMs, progress })
  const { highWaterMs } = readRecomputeData(last.data)
  const isReached = partitions.every(({ reachedMs }) => (reachedMs ?? -1) >= highWaterMs)
  const isWaitedFor = isReached || nowMs - noted.sinceMs >= idleS * 1000
  const isDue = isWaitedFor && isArchived(noted, progress)
  return { arrived: noted, jobs: isDue ? due : [] }
}

function partitionStates({ progress, rows }: Seen): PartitionState[] {
  const known = new Map(rows.map((row) => [row.log_partition, row]))
  return progress.map(({ partition, committed, end }) => {
    const row = known.get(partition)
    const reachedMs = row?.max_end_ms ?? null
    return { partition, reachedMs, readMs: row?.read_ms ?? null, isAtEnd: committed >= end }
  })
}
