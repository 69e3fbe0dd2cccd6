import type { Sign } from '../meter/kind.ts'
import type { EpochMs } from '../time.ts'
import { halfEven, meanPowerW, wholeMilliwatts } from '../units.ts'
import type { Deviation, GroupDeviation } from './deviationRow.ts'

/** The fields of a row that a group sum needs. */
export type MemberRow = Pick<Deviation, 'durationS' | 'energyMwh' | 'deviationW'>

/**
 * Sums of a group's interval, site by site: the meters of one are one member. They are of whole
 * milliwatt-hours and milliwatts, so they are exact, in any order and however many processes add.
 */
export type GroupSum = { readonly withBoth: Sum; readonly without: Sum }

type Sum = { members: number; energyMwh: number; deviationMw: number }

export function emptyGroupSum(): GroupSum {
  return {
    withBoth: { members: 0, energyMwh: 0, deviationMw: 0 },
    without: { members: 0, energyMwh: 0, deviationMw: 0 },
  }
}

export type MemberParameters = {
  /** The group's interval. */
  readonly startMs: EpochMs
  readonly stepS: number
  /** The member's own interval. */
  readonly intervalS: number
  /** The member's row that starts at an instant. */
  readonly rowAt: (startMs: EpochMs) => MemberRow | null | undefined
}

/**
 * What a member adds to the group's interval: its energy, and its mean deviation, NaN where it has
 * none. Both are whole.
 */
export type MemberPart = { readonly energyMwh: number; readonly deviationMw: number }

/** Null unless the member has readings for all of the group's interval. */
export function partOfMember(member: MemberParameters): MemberPart | null {
  const { startMs, stepS, intervalS, rowAt } = member
  const parts = stepS / intervalS
  if (!Number.isInteger(parts)) return null
  let energyMwh = 0
  let deviationMw = 0
  for (let part = 0; part < parts; part++) {
    const row = rowAt(startMs + part * intervalS * 1000)
    if (row?.durationS !== intervalS) return null
    energyMwh += row.energyMwh
    deviationMw += wholeMilliwatts(row.deviationW ?? Number.NaN)
  }
  return { energyMwh, deviationMw: halfEven(deviationMw / parts) }
}

/** Adds what a member has. */
export function addPart(sum: GroupSum, part: MemberPart): void {
  addTimes(sum, part, 1)
}

/** Takes away what a member had: the numbers are whole, so nothing of it is left. */
export function takePart(sum: GroupSum, part: MemberPart): void {
  addTimes(sum, part, -1)
}

function addTimes(sum: GroupSum, { energyMwh, deviationMw }: MemberPart, times: 1 | -1): void {
  const isWithBoth = !Number.isNaN(deviationMw)
  const side = isWithBoth ? sum.withBoth : sum.without
  side.members += times
  side.energyMwh += times * energyMwh
  if (isWithBoth) side.deviationMw += times * deviationMw
}

/**
 * What a site has: the signed sum of what its terms have, by the id of their meters. Where one of
 * them has nothing, what the site took is unknown: null.
 *
 * @param terms those of the interval, see `termsAt`.
 */
export function partOfSite<Term extends { readonly sign: Sign }>(
  terms: readonly Term[],
  partOf: (term: Term) => MemberPart | null | undefined,
): MemberPart | null {
  let energyMwh = 0
  let deviationMw = 0
  for (const term of terms) {
    const part = partOf(term)
    if (!part) return null
    energyMwh += term.sign * part.energyMwh
    deviationMw += term.sign * part.deviationMw
  }
  return terms.length > 0 ? { energyMwh, deviationMw } : null
}

/** Adds what a site has, if it has all of it. Returns whether it was added. */
export function addSite<Term extends { readonly sign: Sign }>(
  sum: GroupSum,
  terms: readonly Term[],
  partOf: (term: Term) => MemberPart | null | undefined,
): boolean {
  const part = partOfSite(terms, partOf)
  if (part) addPart(sum, part)
  return part !== null
}

/**
 * Load, baseline and deviation of a group over an interval, W; null when no member has readings for
 * all of it.
 *
 * Members with a reading but no baseline count only if no member has both. The baseline is the
 * adjusted one: load minus deviation.
 */
export function finishGroup(
  at: Pick<GroupDeviation, 'group' | 'startMs' | 'durationS'>,
  { withBoth, without }: GroupSum,
): GroupDeviation | null {
  const { group, startMs, durationS } = at
  const hasBaseline = withBoth.members > 0
  const { members, energyMwh, deviationMw } = hasBaseline ? withBoth : without
  if (members === 0) return null
  const loadW = meanPowerW(energyMwh, durationS)
  const deviationW = deviationMw / 1000
  return {
    ...{ group, startMs, durationS, members, loadW },
    baselineW: hasBaseline ? loadW - deviationW : null,
    deviationW: hasBaseline ? deviationW : null,
  }
}
