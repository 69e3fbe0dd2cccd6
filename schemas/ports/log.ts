import type { LogPosition, LogRecord, NewRecord } from '../logRecord.ts'
import type { WaitOptions } from './notices.ts'

/** Progress of a group in one partition. */
export type LogProgress = {
  readonly partition: number
  /** The first offset still in the log. */
  readonly start: number
  /** Where the group resumes. */
  readonly committed: number
  /** The offset the next record will get; lag = end - committed. */
  readonly end: number
}

/** A partition that a member of a group reads alone. */
export type Assignment = {
  readonly topic: string
  readonly partition: number
  /**
   * Rises whenever the partition goes to a member, also to one that had it before: while a member
   * sees the same epoch nobody else had the partition in between.
   */
  readonly epoch: number
}

/** A process of a group, and what it reads. */
export type LogMember = {
  /** Its own, also among processes of one name. */
  readonly member: string
  /** What it is called: `host:4711`. */
  readonly name: string
  readonly assigned: readonly Assignment[]
}

export type JoinOptions = {
  readonly topics: readonly string[]
  /** A member that was silent for so long has lost its partitions to the others. */
  readonly leaseMs: number
  /** What people call the process. */
  readonly name: string
}

/**
 * A process's part in a group that shares the partitions of some topics.
 *
 * What every engine promises:
 * - each partition is assigned to one live member, and to two at no time: `assigned` leaves out
 *   what may be another's by now, by this process's own clock. It is empty once this member was
 *   silent for the lease (it was stopped, its event loop stood still) until it is heard again.
 * - live members have as many partitions as each other, give or take one; of those that stay, a
 *   member that comes or goes changes as few as that takes.
 * - what a member had that died, or was silent for the lease, others have soon after; what a
 *   member had that left, at once.
 * - `commit` says what `Log.commit` says, and is refused once the partition went to another, even
 *   if it came back since: then what this member had of it is to be dropped and read again.
 * - `changes` is another number after each change of `assigned`.
 *
 * What every engine expects: whoever has lost a partition may still be writing what it read of it.
 * Whatever is written for a record must be the same whoever writes it, and twice as good as once.
 */
export interface Membership {
  readonly member: string
  readonly changes: number
  assigned(): readonly Assignment[]
  /** @throws PartitionLostError when the epoch is not this member's. */
  commit(position: LogPosition, epoch: number): Promise<void>
  /** Resolves when `changes` is not `known` any more, after `msMax`, or with the signal. */
  waitForChange(known: number, options: WaitOptions): Promise<void>
  leave(): Promise<void>
}

/**
 * The ordered, durable channel between layers.
 *
 * What every engine promises:
 * - `append` resolves once the records survive `kill -9` of any process, in the order given, all
 *   or none; it returns the offset of the first.
 * - each record is stamped with the time at which the log took it; stamps never fall within a
 *   partition, whatever the clocks of the processes do.
 * - `read` returns records in order without a gap. It may return fewer than asked, at most one more
 *   than `readBytesMax` has room for, and returns none only at the end of the partition. Reading
 *   below the start (retention) begins at the start.
 * - with `commit` the caller states that everything below the offset has taken effect elsewhere.
 *   A group resumes there, so records above may be read twice and are never lost.
 * - `progress` lists every partition of a topic, from 0, whether or not anything was appended.
 * - `waitForRecords` resolves when there is a record at or after one of the positions, whichever
 *   process appended it; after `msMax`; or when the signal aborts. Waiting costs next to nothing.
 * - `join` makes the caller a member of a group, see `Membership`; `close` leaves it. Reading needs
 *   no membership: who reads what others are assigned commits nothing of it.
 * - `members` lists the live members of a group.
 *
 * What every engine expects, and does not check again:
 * - `commit` is for groups that nobody has joined; members commit by their membership.
 * - values below `valueBytesMax`; the API refuses larger ones.
 */
export interface Log {
  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<number>
  read(from: LogPosition, recordsMax: number): Promise<readonly LogRecord[]>
  commit(group: string, position: LogPosition): Promise<void>
  progress(group: string, topic: string): Promise<readonly LogProgress[]>
  waitForRecords(from: readonly LogPosition[], options: WaitOptions): Promise<void>
  join(group: string, options: JoinOptions): Promise<Membership>
  members(group: string): Promise<readonly LogMember[]>
  close(): Promise<void>
}
