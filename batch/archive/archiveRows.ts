import { sentenceOfMisfit } from '../../schemas/errors/misfit.ts'
import type { LogPosition, LogRecord } from '../../schemas/logRecord.ts'
import type { Act } from '../../schemas/reading/acts.ts'
import type { DeadLetter } from '../../schemas/reading/deadLetter.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'

/** A row of `acts`. */
export function actRow(
  act: Act,
  { position, loggedMs }: Pick<LogRecord, 'position' | 'loggedMs'>,
): InsertRow<'acts'> {
  const { partition: log_partition, offset: log_offset } = position
  const none = { ingest: '', source: '', from: 0, rank: 0 }
  const own =
    act.kind === 'withdrawal'
      ? { ingest: act.ingest }
      : { source: act.source, from: act.fromMs, rank: act.rank }
  return { log_partition, log_offset, logged: loggedMs, kind: act.kind, ...none, ...own }
}

export function rejectedRow(
  { offset }: LogPosition,
  deadLetter: DeadLetter,
): InsertRow<'rejected'> {
  return {
    reason: deadLetter.reason,
    log_offset: offset,
    detail: deadLetter.detail,
    source: deadLetter.source,
    source_index: deadLetter.index,
    source_line: deadLetter.line,
    source_column: deadLetter.column,
    source_value: deadLetter.value,
    read_as: deadLetter.readAs,
    received: deadLetter.receivedMs,
    original_base64: deadLetter.originalBase64,
  }
}

/** Above every offset of the rejected topic; still exact in a double with 4,096 partitions. */
const readingsOffsetBase = 2 ** 52
/** Offsets of a partition stay below 10^12. */
const partitionOffsets = 2 ** 40

/**
 * A record of the readings topic that is not a frame: something else wrote to the topic. Its bytes
 * are kept as a dead letter with its own offset.
 */
export function undecodableRow(
  record: LogRecord,
  detail: string,
  receivedMs: EpochMs,
): InsertRow<'rejected'> {
  const { topic, partition, offset } = record.position
  return {
    reason: 'unparsable',
    log_offset: readingsOffsetBase + partition * partitionOffsets + offset,
    detail,
    source: `${topic}/${partition}/${offset}`,
    source_index: 0,
    source_line: 0,
    source_column: '',
    source_value: '',
    read_as: '',
    received: receivedMs,
    original_base64: Buffer.from(record.value).toString('base64'),
  }
}

/**
 * Readings of a record that are no intervals of their meters: the API refuses such, so something
 * else wrote them, or a step was changed while they were on their way. A retry reads one again.
 */
export function misfitRow(
  record: LogRecord,
  readings: readonly Reading[],
  receivedMs: EpochMs,
): InsertRow<'rejected'> {
  const [first] = readings as [Reading]
  const others = readings.length - 1
  const start = isoUtc(first.startMs)
  return {
    ...undecodableRow(record, sentenceOfMisfit({ ...first, start, others }), receivedMs),
    reason: 'overlap',
    read_as: JSON.stringify({ kind: others > 0 ? 'row' : 'frame' }),
    original_base64: Buffer.from(encodeFrame(readings)).toString('base64'),
  }
}

/** A row of `archive_progress`. */
export function progressRow(
  at: { readonly partition: number; readonly nextOffset: number; readonly maxEndMs: EpochMs },
  readMs: EpochMs,
): InsertRow<'archive_progress'> {
  return {
    log_partition: at.partition,
    next_offset: at.nextOffset,
    max_end: Number.isFinite(at.maxEndMs) ? at.maxEndMs : null,
    read_at: readMs,
  }
}
