import { compareOwnWords, compareSourceWords, isRepeat, type RankOf, type Word } from './word.ts'

/**
 * The words of one interval that can ever count, and the one that does now. Of each source the
 * largest of each ingest is kept, as an ingest is withdrawn as a whole: few, however often a source
 * restates.
 */
export type IntervalWords = {
  readonly sources: Map<string, OwnWords>
  /** Null when all words were withdrawn; a void one says that the interval is missing. */
  counting: Word | null
  /** How many are kept. */
  kept: number
}

/** Words of one source: the largest that was not withdrawn, and the largest of each ingest. */
type OwnWords = { latest: Word | null; readonly byIngest: Map<string, Word> }

/** What was decided about words, up to a place in the log. */
export type Decided = {
  readonly rankOf: RankOf
  /** Never of ''. */
  readonly isWithdrawn: (ingest: string) => boolean
}

/**
 * What a word adds to its interval. `repeat`: it says again what its source said last, and that is
 * the word that counts. What repeats a word that does not count is another word: dropped, it would
 * hide that a weaker source insists.
 */
export type Addition = {
  readonly kind: 'first' | 'other' | 'repeat'
  /**
   * Whether it has to be kept: a repeat only where the word it repeats may be withdrawn without
   * it.
   */
  readonly isKept: boolean
}

export function emptyWords(): IntervalWords {
  return { sources: new Map(), counting: null, kept: 0 }
}

/** Adds the next word of the log. It takes the same time however often a source restates. */
export function addWord(words: IntervalWords, word: Word, decided: Decided): Addition {
  const latest = words.sources.get(word.reading.source)?.latest ?? null
  const kind = kindOf(words, word, latest)
  const isKept = kind !== 'repeat' || isStoredRepeat(word, latest!)
  if (isKept) keepWord(words, word, decided)
  return { kind, isKept }
}

/** Keeps a word if it is the largest of its ingest; the order of the calls does not matter. */
export function keepWord(words: IntervalWords, word: Word, decided: Decided): void {
  const { source, ingest } = word.reading
  const own = words.sources.get(source) ?? { latest: null, byIngest: new Map() }
  words.sources.set(source, own)
  const known = own.byIngest.get(ingest)
  if (known && compareOwnWords(known, word) >= 0) return
  if (!known) words.kept += 1
  own.byIngest.set(ingest, word)
  if (decided.isWithdrawn(ingest)) return
  if (own.latest && compareOwnWords(own.latest, word) >= 0) return
  own.latest = word
  const { counting } = words
  // Its own source may say something weaker now, and another one count.
  if (counting?.reading.source === source) electCounting(words, decided)
  else if (!counting || compareSourceWords(word, counting, decided.rankOf) > 0) {
    words.counting = word
  }
}

/** After an act: which words count anew, among those that were not withdrawn. */
export function decideAgain(words: IntervalWords, decided: Decided): void {
  for (const own of words.sources.values()) {
    own.latest = null
    for (const [ingest, word] of own.byIngest) {
      if (decided.isWithdrawn(ingest)) continue
      if (!own.latest || compareOwnWords(word, own.latest) > 0) own.latest = word
    }
  }
  electCounting(words, decided)
}

/** A repeat is stored where the word that it repeats may be withdrawn without it. */
function isStoredRepeat({ reading }: Word, latest: Word): boolean {
  return latest.reading.ingest !== '' && latest.reading.ingest !== reading.ingest
}

function electCounting(words: IntervalWords, { rankOf }: Decided): void {
  words.counting = null
  for (const { latest } of words.sources.values()) {
    if (!latest) continue
    const { counting } = words
    if (!counting || compareSourceWords(latest, counting, rankOf) > 0) words.counting = latest
  }
}

function kindOf(words: IntervalWords, word: Word, latest: Word | null): Addition['kind'] {
  if (latest && latest === words.counting && isRepeat(word.reading, latest.reading)) return 'repeat'
  return words.kept === 0 ? 'first' : 'other'
}
