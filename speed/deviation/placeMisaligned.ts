import {
  addWord,
  type Decided,
  decideAgain,
  emptyWords,
} from '../../schemas/reading/intervalWords.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { Placement } from './placeReading.ts'
import { cellsOf, type Misaligned, type SpeedDay } from './speedDay.ts'

/** No slot, no baseline: the energy is kept and shown without a deviation. */
export function placeMisaligned(
  day: SpeedDay,
  { word, decided }: { readonly word: Word; readonly decided: Decided },
): Placement & { readonly at: Misaligned } {
  const { meter, startMs } = word.reading
  const name = `${meter} ${startMs}`
  const at = day.misaligned.get(name) ?? {
    meter,
    startMs,
    words: emptyWords(),
    offset: word.offset,
  }
  if (at.words.kept === 0) {
    day.misaligned.set(name, at)
    day.cells += cellsOf.misaligned
  }
  const { kept, counting } = at.words
  const { kind } = addWord(at.words, word, decided)
  // The first word is counted with its interval.
  day.cells += cellsOf.word * (at.words.kept - Math.max(kept, 1))
  const isCounting = at.words.counting !== counting
  if (isCounting) at.offset = word.offset
  const verdict = { first: 'new', other: 'corrected', repeat: 'duplicate' } as const
  return { verdict: verdict[kind], isCounting, at }
}

/** After an act; see `placeAgain`. */
export function placeMisalignedAgain(
  at: Misaligned,
  { decided, offset }: { readonly decided: Decided; readonly offset: number },
): boolean {
  const { counting } = at.words
  decideAgain(at.words, decided)
  if (at.words.counting === counting) return false
  at.offset = offset
  return true
}
