import type { LogPosition } from '../logRecord.ts'
import type { EpochMs } from '../time.ts'
import type { Reading } from './reading.ts'

/** One version of a reading, as a source reported it, with its time and position in the log. */
export type Word = Pick<LogPosition, 'partition' | 'offset'> & {
  readonly reading: Reading
  /** Stamped by the log; never falls within a partition. */
  readonly loggedMs: EpochMs
  /** Row of the frame. */
  readonly index: number
}

/** What the order of one source's words depends on. */
export type OrderedWord = Omit<Word, 'reading'> & {
  readonly reading: Pick<Reading, 'revision' | 'standing' | 'saidAtMs'>
}

/** The rank of a source for intervals that start at an instant; without one, 0. */
export type RankOf = (source: string, startMs: EpochMs) => number

/**
 * Which of two words of one source for one interval counts: positive when `left` does (invariant
 * 2).
 *
 * The larger revision, then the firmer standing, then what was said later (logged later, of a
 * source that does not say when), then the later place in the log. No value decides: a lower one,
 * zero and one restated back to an older one count like any other.
 * `sql/queries/counting_readings.sql` has the same order.
 */
export function compareOwnWords(left: OrderedWord, right: OrderedWord): number {
  return (
    left.reading.revision - right.reading.revision ||
    left.reading.standing - right.reading.standing ||
    saidMsOf(left) - saidMsOf(right) ||
    left.partition - right.partition ||
    left.offset - right.offset ||
    left.index - right.index
  )
}

/**
 * Which of two sources' words counts: the firmer standing, then the source's rank, then its name.
 */
export function compareSourceWords(left: Word, right: Word, rankOf: RankOf): number {
  const { reading: a } = left
  const { reading: b } = right
  return (
    a.standing - b.standing ||
    rankOf(a.source, a.startMs) - rankOf(b.source, b.startMs) ||
    compareNames(a.source, b.source)
  )
}

/**
 * Whether a reading says again what its source's latest word says: only the log order tells them
 * apart. Nothing depends on keeping it where that word counts (`addWord`).
 */
export function isRepeat(reading: Reading, latest: Reading): boolean {
  return (
    reading.revision === latest.revision &&
    reading.standing === latest.standing &&
    reading.saidAtMs === latest.saidAtMs &&
    reading.isVoid === latest.isVoid &&
    reading.energyMwh === latest.energyMwh &&
    reading.durationS === latest.durationS &&
    reading.powerW === latest.powerW &&
    reading.reactiveVar === latest.reactiveVar &&
    reading.quality === latest.quality
  )
}

function saidMsOf({ reading, loggedMs }: OrderedWord): EpochMs {
  return reading.saidAtMs ?? loggedMs
}

/** By code units, as the store's bytes order the ASCII names that sources have. */
function compareNames(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
