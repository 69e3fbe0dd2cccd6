import type { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Assignment, Log, Membership } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Acts } from '../../schemas/reading/acts.ts'
import type { Bucket } from '../../schemas/reading/countBuckets.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { Fleet } from './fleet.ts'
import type { Grids } from './openGrids.ts'

export type ArchivePorts = {
  readonly log: Log
  readonly views: Views
  readonly clock: Clock
  /** Without it this process reads every partition, alone. */
  readonly membership?: Membership
}

export type ArchiveOptions = {
  /** Allowed lateness behind the newest interval end of the partition, s. */
  readonly latenessS?: number
  /** Maximum readings per insert, give or take a record. */
  readonly rowsMax?: number
  readonly onBatch?: (batch: ArchiveBatch) => void
  /** Called with errors that will be retried. */
  readonly onRetry?: (error: RetryableError) => void
}

/** Result of one step, for logs and metrics. */
export type ArchiveBatch = {
  readonly topic: string
  readonly partition: number
  readonly records: number
  readonly nextOffset: number
  readonly counters: IngestCounters
}

/** The archive's progress in one partition; all of it can be read back from the stores. */
export type ArchivePartition = {
  readonly topic: string
  readonly partition: number
  /** What is known here was read for this assignment; with another one it is read again. */
  readonly epoch: number
  nextOffset: number
  /** Latest end of an interval in the records before `nextOffset`. */
  maxEndMs: EpochMs
  /** What was decided about words before `nextOffset`. */
  acts: Acts
  /** Its last bucket of ingest counters, which a kill may have left ahead of `nextOffset`. */
  counted: Bucket
  /** Records to read next, so that a step has about `rowsMax` readings. */
  recordsMax: number
  /** Quarters of an hour whose first place is stored. */
  readonly placed: Set<EpochMs>
  /** Shared by all partitions. */
  readonly fleet: Fleet
  readonly grids: Grids
}

export const archiveGroup = 'archive'

type Owned = Pick<ArchivePartition, 'topic' | 'partition' | 'epoch'>

/** @throws PartitionLostError once the partition went to another process. */
export async function commitArchived(
  { log, membership }: ArchivePorts,
  { topic, partition, epoch }: Owned,
  offset: number,
): Promise<void> {
  const position = { topic, partition, offset }
  if (membership) await membership.commit(position, epoch)
  else await log.commit(archiveGroup, position)
}

/** Whether it is still assigned to this process, as far as that knows. */
export function isOwned({ membership }: ArchivePorts, { epoch, ...at }: Owned): boolean {
  if (!membership) return true
  return epochOf(membership.assigned(), at) === epoch
}

export function epochOf(
  assigned: readonly Assignment[],
  { topic, partition }: Omit<Owned, 'epoch'>,
): number | null {
  const own = assigned.find((each) => each.topic === topic && each.partition === partition)
  return own?.epoch ?? null
}
