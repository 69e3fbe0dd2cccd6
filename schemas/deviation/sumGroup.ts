import type { EpochMs } from '../time.ts'
import { energyOfPowerMwh, meanPowerW } from '../units.ts'
import type { Deviation, GroupDeviation } from './deviationRow.ts'

/** The fields of a row that a group sum needs. */
export type MemberRow = Pick<Deviation, 'durationS' | 'energyMwh' | 'deviationW'>

/** Sums of a group's interval, member by member. */
export type GroupSum = { readonly withBoth: Sum; readonly without: Sum }

type Sum = { members: number; loadW: number; deviationW: number }

export function emptyGroupSum(): GroupSum {
  return {
    withBoth: { members: 0, loadW: 0, deviationW: 0 },
    without: { members: 0, loadW: 0, deviationW: 0 },
  }
}

/** The longest interval among a group's members: shorter ones are averaged over it, s. */
export function groupStepS(members: Iterable<{ readonly intervalS: number }>): number {
  let longest = 0
  for (const { intervalS } of members) longest = Math.max(longest, intervalS)
  return longest
}

/** The interval of each group, s; everything that needs one is given this. */
export function groupStepsOf(
  meters: Iterable<{ readonly group: string; readonly intervalS: number }>,
): Map<string, number> {
  const steps = new Map<string, number>()
  for (const { group, intervalS } of meters) {
    steps.set(group, groupStepS([{ intervalS: steps.get(group) ?? 0 }, { intervalS }]))
  }
  return steps
}

/** The start of the group's interval that contains an instant; counted in UTC. */
export function groupStartMs(startMs: EpochMs, stepS: number): EpochMs {
  return Math.floor(startMs / (stepS * 1000)) * stepS * 1000
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
 * Members are added in the order of their ids, so that the same members give the same bytes in any
 * order of arrival, and however many processes computed them.
 */
export function addMeans(sum: GroupSum, { loadW, deviationW }: MemberMeans): void {
  const isWithBoth = !Number.isNaN(deviationW)
  const side = isWithBoth ? sum.withBoth : sum.without
  side.members += 1
  side.loadW += loadW
  if (isWithBoth) side.deviationW += deviationW
}

/** Adds a member if it has readings for all of the interval; returns whether it was added. */
export function addMember(sum: GroupSum, member: MemberParameters): boolean {
  const means = memberMeans(member)
  if (means) addMeans(sum, means)
  return means !== null
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
