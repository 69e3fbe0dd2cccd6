import { standing } from '../../../schemas/reading/reading.ts'

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

/** Of `GET /sources`: a source's rank for intervals that start at `from` or later. */
export type Rank = { readonly source: string; readonly from: string; readonly rank: number }

/** Why a word counts, or by which rule another one goes before it: ARCHITECTURE, later word. */
export function whyOf(word: SaidWord, said: Words, ranks: readonly Rank[]): string {
  if (word.isWithdrawn) return 'It was taken back.'
  const others = said.words.filter((each) => each !== word && !each.isWithdrawn)
  if (word.counts)
    return others.length === 0 ? 'It is the only word.' : 'It goes before the others.'
  const own = others.filter(({ source }) => source === word.source)
  const later = own.reduce<SaidWord | null>((best, each) => {
    return isLater(each, best ?? word) ? each : best
  }, null)
  if (later) return laterSentence(word, later)
  const counting = others.find(({ counts }) => counts)
  return counting ? otherSentence(word, counting, { start: said.start, ranks }) : ''
}

/** As a sentence or a cell names a source. */
export function nameOf(source: string): string {
  return source === '' ? '(no name)' : source
}

/** Of one source: revision, then standing, then when it was said, then the place in the log. */
function isLater(one: SaidWord, other: SaidWord): boolean {
  const order =
    one.revision - other.revision ||
    standing[one.standing] - standing[other.standing] ||
    saidMsOf(one) - saidMsOf(other)
  return order >= 0 && (order > 0 || comparePlaces(one, other) > 0)
}

function laterSentence(word: SaidWord, later: SaidWord): string {
  const name = nameOf(word.source)
  if (later.revision !== word.revision) return `${name} said revision ${later.revision} of it.`
  if (later.standing !== word.standing) return `${name} said a firmer word: ${later.standing}.`
  return `${name} said another one later.`
}

function otherSentence(
  word: SaidWord,
  counting: SaidWord,
  { start, ranks }: { readonly start: string; readonly ranks: readonly Rank[] },
): string {
  const [own, other] = [nameOf(word.source), nameOf(counting.source)]
  if (counting.standing !== word.standing) {
    return `What ${other} said is firmer: ${counting.standing}.`
  }
  const rankOf = ({ source }: SaidWord) => {
    const from = ranks.filter((each) => each.source === source && each.from <= start)
    return from.toSorted((one, two) => (one.from < two.from ? 1 : -1))[0]?.rank ?? 0
  }
  const [rank, otherRank] = [rankOf(word), rankOf(counting)]
  return rank === otherRank
    ? `${own} and ${other} rank alike, and ${other} is later by name.`
    : `${other} ranks above ${own}: ${otherRank}, not ${rank}.`
}

function saidMsOf({ saidAt, logged }: SaidWord): number {
  return Date.parse(saidAt ?? logged)
}

/** `partition/offset/index`; all words of an interval are in one partition. */
function comparePlaces(one: SaidWord, other: SaidWord): number {
  const [left, right] = [one, other].map(({ place }) => place.split('/').map(Number))
  return left!.map((part, at) => part - right![at]!).find((each) => each !== 0) ?? 0
}
