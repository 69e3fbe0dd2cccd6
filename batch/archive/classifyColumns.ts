import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Decided } from '../../schemas/reading/intervalWords.ts'
import { addCounters, type IngestCounters } from '../../schemas/reading/reading.ts'
import {
  type ReadingColumns,
  readingAt,
  startMsAt,
  valueAt,
} from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { classifyRecord, type WordIndex } from './classifyRecord.ts'

export type ClassifyColumnsParameters = {
  readonly record: Pick<LogRecord, 'position' | 'loggedMs'>
  readonly columns: ReadingColumns
  /** 0: the row is no interval of its meter; null: all are. `[row]` */
  readonly fits: Uint8Array | null
  /** Rows that are not the only word about their interval; null: none. */
  readonly compared: readonly number[] | null
  /** Intervals that end at or before this are late; -Infinity before the first record. */
  readonly watermarkMs: EpochMs
}

export type ClassifyColumnsReturnType = {
  /** 1: to be stored; null: all are. `[row]` */
  readonly keep: Uint8Array | null
  readonly counters: IngestCounters
  /** The latest end of an interval; -Infinity of none. */
  readonly maxEndMs: EpochMs
}

/**
 * Decides what is new in one record and counts it: a row that is not compared is a new word, others
 * are what `classifyRecord` says.
 */
export function classifyColumns(
  { record, columns, fits, compared, watermarkMs }: ClassifyColumnsParameters,
  known: WordIndex,
  decided: Decided,
): ClassifyColumnsReturnType {
  const isNew = newRows(columns.rows, fits, compared)
  const { maxEndMs, fitting, accepted, late } = countNew(columns, { fits, isNew, watermarkMs })
  const rejected = columns.rows - fitting
  const ofNew = { read: accepted + rejected, accepted, duplicate: 0, rejected, late, corrected: 0 }
  if (!compared) return { keep: isNew, counters: ofNew, maxEndMs }
  const readings = compared.map((row) => readingAt(columns, row))
  const given = { ...record, readings, rows: compared, watermarkMs }
  const { words, counters } = classifyRecord(given, known, decided)
  for (const { index } of words) isNew![index] = 1
  return { keep: isNew, counters: addCounters(ofNew, counters), maxEndMs }
}

/** By row 1 where its word is new; null where all are. */
function newRows(
  rows: number,
  fits: Uint8Array | null,
  compared: readonly number[] | null,
): Uint8Array | null {
  if (!fits && !compared) return null
  const isNew = fits ? fits.slice() : new Uint8Array(rows).fill(1)
  for (const row of compared ?? []) isNew[row] = 0
  return isNew
}

function countNew(
  columns: ReadingColumns,
  given: {
    readonly fits: Uint8Array | null
    readonly isNew: Uint8Array | null
    readonly watermarkMs: EpochMs
  },
) {
  const { fits, isNew, watermarkMs } = given
  let maxEndMs = Number.NEGATIVE_INFINITY
  let fitting = 0
  let accepted = 0
  let late = 0
  for (let row = 0; row < columns.rows; row++) {
    if (fits && fits[row] === 0) continue
    const endMs = startMsAt(columns, row) + valueAt(columns.durationS, row) * 1000
    if (endMs > maxEndMs) maxEndMs = endMs
    fitting += 1
    if (isNew && isNew[row] === 0) continue
    accepted += 1
    if (endMs <= watermarkMs) late += 1
  }
  return { maxEndMs, fitting, accepted, late }
}
