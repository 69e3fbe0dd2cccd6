import type { Sign } from '../meter/kind.ts'
import type { EpochMs } from '../time.ts'
import { energyOfPowerMwh, meanPowerW } from '../units.ts'
import type { Deviation, GroupDeviation } from './deviationRow.ts'

/** The fields of a row that a group sum needs. */
export type MemberRow = Pick<Deviation, 'durationS' | 'energyMwh' | 'deviationW'>

/** Sums of a group's interval, site by site: the meters of one are one member. */
export type GroupSum = { readonly withBoth: Sum; readonly without: Sum }

type Sum = { members: number; loadW: number; deviationW: number }

export function emptyGroupSum(): GroupSum {
  return {
    withBoth: { members: 0, loadW: 0, deviationW: 0 },
    without: { members: 0, loadW: 0, deviationW: 0 },
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

/** A member's means over the group's interval, W; the deviation is NaN where it has none. */
export type MemberMeans = { readonly loadW: number; readonly deviationW: number }

/** Null unless the member has readings for all of the group's interval. */
export function memberMeans(member: MemberParameters): MemberMeans | null {
  const { startMs, stepS, intervalS, rowAt } = member
  const parts = stepS / intervalS
  if (!Number.isInteger(parts)) return null
  let loadW = 0
  let deviationW = 0
  for (let part = 0; part < parts; part++) {
    const row = rowAt(startMs + part * intervalS * 1000)
    if (row?.durationS !== intervalS) return null
    loadW += meanPowerW(row.energyMwh, intervalS) / parts
    deviationW += (row.deviationW ?? Number.NaN) / parts
  }
  return { loadW, deviationW }
}

/**
 * Adds a member's means.
 *
 * Sites are added in the order of their ids, so that the same members give the same bytes in any
 * order of arrival, and however many processes computed them.
 */
export function addMeans(sum: GroupSum, { loadW, deviationW }: MemberMeans): void {
  const isWithBoth = !Number.isNaN(deviationW)
  const side = isWithBoth ? sum.withBoth : sum.without
  side.members += 1
  side.loadW += loadW
  if (isWithBoth) side.deviationW += deviationW
}

/**
 * Adds a site: the signed sum of the means of its terms, by the id of their meters. Where one of
 * them has none, what the site took is unknown, and it is left out. Returns whether it was added.
 *
 * @param terms those of the interval, see `termsAt`.
 */
export function addSite<Term extends { readonly sign: Sign }>(
  sum: GroupSum,
  terms: readonly Term[],
  meansOf: (term: Term) => MemberMeans | null | undefined,
): boolean {
  let loadW = 0
  let deviationW = 0
  for (const term of terms) {
    const means = meansOf(term)
    if (!means) return false
    loadW += term.sign * means.loadW
    deviationW += term.sign * means.deviationW
  }
  if (terms.length > 0) addMeans(sum, { loadW, deviationW })
  return terms.length > 0
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
  const { members, loadW, deviationW } = hasBaseline ? withBoth : without
  if (members === 0) return null
  return {
    ...{ group, startMs, durationS, members, loadW },
    baselineW: hasBaseline ? loadW - deviationW : null,
    deviationW: hasBaseline ? deviationW : null,
  }
}

/** Energy of a group over its interval, whole mWh, of members without baselines: a forecast. */
export function energyOfGroupMwh({ without }: GroupSum, stepS: number): number {
  const mwh = energyOfPowerMwh(without.loadW, stepS)
  // A half is rounded away from zero: what is fed in is rounded as what is taken.
  return mwh < 0 ? -Math.round(-mwh) : Math.round(mwh)
}
