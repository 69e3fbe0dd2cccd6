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
 *
 * What every engine expects, and does not check again:
 * - one reader per partition within a group; the engine's assignment ensures it.
 * - values below `valueBytesMax`; the API refuses larger ones.
 */
export interface Log {
  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<number>
  read(from: LogPosition, recordsMax: number): Promise<readonly LogRecord[]>
  commit(group: string, position: LogPosition): Promise<void>
  progress(group: string, topic: string): Promise<readonly LogProgress[]>
  waitForRecords(from: readonly LogPosition[], options: WaitOptions): Promise<void>
  close(): Promise<void>
}
