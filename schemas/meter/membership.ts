import { MembershipsError } from '../errors/meter.ts'
import type { EpochMs } from '../time.ts'
import type { GroupId } from './group.ts'
import { type GroupKind, kindOfGroup } from './groupKind.ts'

/** `[fromMs, untilMs)`; infinite where it has no beginning or no end. */
export type Span = { readonly fromMs: EpochMs; readonly untilMs: EpochMs }

export const always: Span = {
  fromMs: Number.NEGATIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
}

/** A meter's time in a group, from a local midnight to another. */
export type Membership = Span & {
  readonly group: GroupId
  /** Through the group's own membership in it: a feeder's substation. */
  readonly isInherited: boolean
}

/** In a group from ever and for ever. */
export function memberOf(group: GroupId): Membership {
  return { group, fromMs: always.fromMs, untilMs: always.untilMs, isInherited: false }
}

export function isWithin({ fromMs, untilMs }: Span, ms: EpochMs): boolean {
  return fromMs <= ms && ms < untilMs
}

/** A stretch of time with the groups of it, as rows have them. */
export type GroupSpan = Span & { readonly groups: string }

/**
 * The groups of a meter over all time, in order: their ids with spaces between, as the rows of an
 * interval name them; '' in none.
 */
export function groupSpans(memberships: readonly Membership[]): GroupSpan[] {
  const edges = edgesOf(memberships)
  return edges.slice(0, -1).map((fromMs, index) => {
    const known = memberships.filter((each) => isWithin(each, fromMs)).map(({ group }) => group)
    return { fromMs, untilMs: edges[index + 1]!, groups: [...new Set(known)].sort().join(' ') }
  })
}

export function groupsAt(spans: readonly GroupSpan[], ms: EpochMs): string {
  for (const span of spans) if (ms < span.untilMs) return span.groups
  return ''
}

/** Every instant at which one of the spans begins or ends, from -Infinity to Infinity. */
export function edgesOf(spans: readonly Span[]): EpochMs[] {
  const all = spans.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs])
  return [...new Set([always.fromMs, ...all, always.untilMs])].sort((left, right) => {
    return left < right ? -1 : 1
  })
}

export type Move = {
  readonly kind: GroupKind
  /** Null: from then on in none of the kind. */
  readonly group: GroupId | null
  /** Until the meter's next move within the kind; -Infinity: it was never in another one. */
  readonly fromMs: EpochMs
}

/** The direct memberships after a move; those of other kinds stay. Again it changes nothing. */
export function moveMember(memberships: readonly Membership[], move: Move): Membership[] {
  const { kind, group, fromMs } = move
  const direct = memberships.filter(({ isInherited }) => !isInherited)
  const others = direct.filter((each) => kindOfGroup(each.group) !== kind)
  const own = direct.filter((each) => kindOfGroup(each.group) === kind)
  const isWhole = fromMs === always.fromMs
  const later = isWhole ? [] : own.filter((each) => each.fromMs > fromMs)
  const before = own.flatMap((each) => {
    if (isWhole || each.fromMs >= fromMs) return []
    return [{ ...each, untilMs: Math.min(each.untilMs, fromMs) }]
  })
  const untilMs = Math.min(always.untilMs, ...later.map((each) => each.fromMs))
  const moved = group === null ? [] : [{ group, fromMs, untilMs, isInherited: false }]
  return [...others, ...joinSpans([...before, ...moved, ...later])].sort(compare)
}

/** Spans of one group that follow each other at once are one. */
function joinSpans(memberships: readonly Membership[]): Membership[] {
  const joined: Membership[] = []
  for (const each of [...memberships].sort((left, right) => compareNumbers(left, right))) {
    const last = joined.at(-1)
    if (last?.group === each.group && last.untilMs === each.fromMs) {
      joined[joined.length - 1] = { ...last, untilMs: each.untilMs }
    } else joined.push(each)
  }
  return joined
}

function compareNumbers(left: Span, right: Span): number {
  if (left.fromMs === right.fromMs) return 0
  return left.fromMs < right.fromMs ? -1 : 1
}

function compare(left: Membership, right: Membership): number {
  if (left.group === right.group) return compareNumbers(left, right)
  return left.group < right.group ? -1 : 1
}

export function areSame(left: readonly Membership[], right: readonly Membership[]): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  return left.every((each, index) => {
    const other = right[index]!
    return (
      each.group === other.group &&
      each.fromMs === other.fromMs &&
      each.untilMs === other.untilMs &&
      each.isInherited === other.isInherited
    )
  })
}

const pattern = /^(\^?)([A-Za-z0-9][A-Za-z0-9_.:-]*)(?:@(-?\d+)?(?:\.\.(-?\d+))?)?$/

/** `north feeder:F1@0..86400000 ^substation:S1@0`: `^` is inherited, `@from..until` in ms. */
export function writeMemberships(memberships: readonly Membership[]): string {
  const words = [...memberships].sort(compare).map((each) => {
    const from = Number.isFinite(each.fromMs) ? String(each.fromMs) : ''
    const until = Number.isFinite(each.untilMs) ? `..${each.untilMs}` : ''
    const span = from + until
    return `${each.isInherited ? '^' : ''}${each.group}${span === '' ? '' : `@${span}`}`
  })
  return words.join(' ')
}

/** @throws MembershipsError for another text. */
export function readMemberships(text: string): Membership[] {
  const words = text.split(' ').filter((word) => word !== '')
  return words.map((word): Membership => {
    const match = pattern.exec(word)
    if (!match) throw new MembershipsError({ text })
    const [, inherited, group, from, until] = match
    return {
      group: group!,
      fromMs: from === undefined ? always.fromMs : Number(from),
      untilMs: until === undefined ? always.untilMs : Number(until),
      isInherited: inherited === '^',
    }
  })
}
