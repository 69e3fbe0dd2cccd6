import type { LogPosition, LogRecord, NewRecord } from '../logRecord.ts'

/** How far a group has come in one partition. */
export type LogProgress = {
  readonly partition: number
  /** The first offset still in the log. */
  readonly start: number
  /** Where the group starts when it comes back. */
  readonly committed: number
  /** The offset the next record will get; lag = end - committed. */
  readonly end: number
}

/**
 * The ordered, durable way between layers.
 *
 * What every engine promises:
 * - `append` resolves once the records survive `kill -9` of any process, in the order given, all
 *   or none; it returns the offset of the first.
 * - `read` returns records in order without a gap. It may return fewer than asked, and returns
 *   none only at the end of the partition. Reading below the start (retention) begins at the start.
 * - `commit` is the caller's word that everything below the offset has taken effect elsewhere.
 *   A group that comes back starts there, so what lies above may be seen twice and is never lost.
 * - `progress` lists every partition of a topic, from 0, whether or not anything was appended.
 *
 * What every engine expects, and does not check again:
 * - one reader a partition within a group; the engine's assignment sees to it.
 * - values below `valueBytesMax`; the door refuses larger ones.
 */
export interface Log {
  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<number>
  read(from: LogPosition, recordsMax: number): Promise<readonly LogRecord[]>
  commit(group: string, position: LogPosition): Promise<void>
  progress(group: string, topic: string): Promise<readonly LogProgress[]>
  close(): Promise<void>
}
