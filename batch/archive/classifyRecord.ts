import type { LogRecord } from '../../schemas/logRecord.ts'
import {
  addWord,
  type Decided,
  emptyWords,
  type IntervalWords,
} from '../../schemas/reading/intervalWords.ts'
import { emptyCounters, type IngestCounters, type Reading } from '../../schemas/reading/reading.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** Words of the master data set by meter and interval start. */
export type WordIndex = Map<string, IntervalWords>

export type ClassifyRecordParameters = Pick<LogRecord, 'position' | 'loggedMs'> & {
  readonly readings: readonly Reading[]
  /** Their rows in the frame; without them 0, 1, 2 and so on. */
  readonly rows?: readonly number[]
  /** Intervals that end at or before this are late; -Infinity before the first record. */
  readonly watermarkMs: EpochMs
}

export type ClassifyRecordReturnType = {
  /** To be stored: what was accepted, and repeats that another ingest said. */
  readonly words: readonly Word[]
  readonly counters: IngestCounters
}

/**
 * Decides what is new in one record of the log, and counts it.
 *
 * What repeats its source's latest word, where that counts: duplicate. Anything else that is said
 * of an interval with a word: `corrected` within `accepted`. What is kept joins `known`, which must
 * have the words before the record, so that later rows and records see it.
 */
export function classifyRecord(
  record: ClassifyRecordParameters,
  known: WordIndex,
  decided: Decided,
): ClassifyRecordReturnType {
  const { partition, offset } = record.position
  const { loggedMs, rows } = record
  const words: Word[] = []
  const counters = { ...emptyCounters, read: record.readings.length }
  for (const [at, reading] of record.readings.entries()) {
    const index = rows?.[at] ?? at
    const word: Word = { reading, loggedMs, partition, offset, index }
    const { kind, isKept } = addWord(wordsOf(known, reading), word, decided)
    if (isKept) words.push(word)
    if (kind === 'repeat') {
      counters.duplicate += 1
      continue
    }
    counters.accepted += 1
    if (kind === 'other') counters.corrected += 1
    if (endOf(reading) <= record.watermarkMs) counters.late += 1
  }
  return { words, counters }
}

/** The words of a reading's interval, none if it is new. */
export function wordsOf(known: WordIndex, { meter, startMs }: Reading): IntervalWords {
  const key = `${meter} ${startMs}`
  const words = known.get(key) ?? emptyWords()
  known.set(key, words)
  return words
}

function endOf({ startMs, durationS }: Reading): EpochMs {
  return startMs + durationS * 1000
}
