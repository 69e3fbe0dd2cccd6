import { decidedBy, emptyActs } from '../acts.ts'
import type { Word } from '../word.ts'
import { type AReading, aReading } from './aReading.ts'

/** Nothing was decided: no ingest is withdrawn, and no source has a rank. */
export const undecided = decidedBy(emptyActs())

/** A word at a place of the log, logged at a time that rises with it. */
export function aWord(reading: AReading, place: Partial<Omit<Word, 'reading'>> = {}): Word {
  const { offset = 0 } = place
  return { partition: 0, offset, index: 0, loggedMs: offset, ...place, reading: aReading(reading) }
}
