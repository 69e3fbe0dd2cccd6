import { addAct, decidedBy, emptyActs } from '../../../schemas/reading/acts.ts'
import { standing } from '../../../schemas/reading/reading.ts'
import { compareOwnWords, type OrderedWord } from '../../../schemas/reading/word.ts'

/** `GET /words`: what was said of an interval, in the order of the log. */
export type Words = { readonly start: string; readonly words: readonly SaidWord[] }

export type SaidWord = {
  readonly source: string
  readonly ingest: string
  /** Null says that there is no value. */
  readonly energyMwh: number | null
  readonly standing: keyof typeof standing
  readonly revision: number
  readonly saidAt: string | null
  readonly logged: string
  readonly place: string
  readonly isWithdrawn: boolean
  readonly counts: boolean
}

/** A source's rank for intervals that start at `from` or later, as `GET /sources` gives it. */
export type Rank = { readonly source: string; readonly from: string; readonly rank: number }

/** Why a word counts, or by which rule another one takes precedence: ARCHITECTURE, later word. */
export function whyOf(word: SaidWord, said: Words, ranks: readonly Rank[]): string {
  if (word.isWithdrawn) return 'It was withdrawn.'
  const others = said.words.filter((each) => each !== word && !each.isWithdrawn)
  if (word.counts) {
    return others.length === 0 ? 'It is the only version.' : 'It takes precedence over the others.'
  }
  const latest = others
    .filter(({ source }) => source === word.source)
    .reduce((best, each) => (compareOwnWords(ordered(each), ordered(best)) > 0 ? each : best), word)
  if (latest !== word) return laterSentence(word, latest)
  const counting = others.find(({ counts }) => counts)
  return counting ? otherSentence(word, counting, rankAt(said.start, ranks)) : ''
}

/** As a sentence or a cell names a source. */
export function nameOf(source: string): string {
  return source === '' ? '(no name)' : source
}

function laterSentence(word: SaidWord, later: SaidWord): string {
  const name = nameOf(word.source)
  if (later.revision !== word.revision) return `${name} reported revision ${later.revision} of it.`
  if (later.standing !== word.standing) return higherSentence(later)
  return `${name} reported another version later.`
}

function otherSentence(
  word: SaidWord,
  counting: SaidWord,
  rankOf: (source: string) => number,
): string {
  if (counting.standing !== word.standing) return higherSentence(counting)
  const [own, other] = [nameOf(word.source), nameOf(counting.source)]
  const [rank, otherRank] = [rankOf(word.source), rankOf(counting.source)]
  return rank === otherRank
    ? `${own} and ${other} have the same rank; the name decides.`
    : `${other} ranks above ${own}: ${otherRank}, not ${rank}.`
}

function higherSentence({ source, standing: higher }: SaidWord): string {
  return `${nameOf(source)} reported a version with a higher standing: ${higher}.`
}

/** A word as the layers order it. Its place is `partition/offset/index`. */
function ordered({ revision, standing: name, saidAt, logged, place }: SaidWord): OrderedWord {
  const [partition = 0, offset = 0, index = 0] = place.split('/').map(Number)
  const saidAtMs = saidAt === null ? null : Date.parse(saidAt)
  const reading = { revision, standing: standing[name], saidAtMs }
  return { reading, loggedMs: Date.parse(logged), partition, offset, index }
}

function rankAt(start: string, ranks: readonly Rank[]): (source: string) => number {
  const acts = emptyActs()
  for (const { source, from, rank } of ranks) {
    addAct(acts, { kind: 'rank', source, fromMs: Date.parse(from), rank })
  }
  const { rankOf } = decidedBy(acts)
  return (source) => rankOf(source, Date.parse(start))
}
