import type { GroupDeviation } from '../../schemas/deviation.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { meanPowerW } from '../../schemas/units.ts'
import { type DayState, slotOf } from './dayState.ts'

export type Member = {
  /** Whatever names the arrays of this member's days; members of one roster share them. */
  readonly roster: object
  readonly index: number
  readonly stepS: number
  readonly partition: number
}

export type Group = {
  readonly name: string
  /** The longest interval among the members: shorter ones are averaged over it. */
  readonly stepS: number
  /** By meter id, so that the sum is added up in one order whatever came first. */
  readonly members: readonly Member[]
}

export type GroupSum = GroupDeviation & {
  /**
   * Sum over partitions of 1 + the largest row offset that is in the sums: it rises whenever they
   * change, and the whole has a larger one than any part. Two parts may share one, when a restart
   * reads the partitions past each other another way; the later written counts until the whole
   * comes.
   */
  readonly versionSum: number
}

export type DayLookup = (roster: object, startMs: EpochMs) => DayState | undefined

/**
 * Load, baseline and deviation of a group over its interval from `startMs`, W; null when no
 * member has a reading of the whole of it.
 *
 * Members that have a reading and no baseline count only while nobody has both. The baseline is
 * the adjusted one, load less deviation, as in the merged view.
 */
export function sumGroup(group: Group, startMs: EpochMs, dayOf: DayLookup): GroupSum | null {
  const days = memoDays(dayOf)
  const withBoth = emptySum()
  const without = emptySum()
  for (const member of group.members) {
    const share = shareOf(member, { startMs, stepS: group.stepS, days })
    if (share) addShare(Number.isNaN(share.deviationW) ? without : withBoth, member, share)
  }
  const sum = withBoth.members > 0 ? withBoth : without
  if (sum.members === 0) return null
  const hasBaseline = withBoth.members > 0
  return {
    group: group.name,
    startMs,
    durationS: group.stepS,
    members: sum.members,
    loadW: sum.loadW,
    baselineW: hasBaseline ? sum.loadW - sum.deviationW : null,
    deviationW: hasBaseline ? sum.deviationW : null,
    versionSum: versionSumOf([withBoth, without]),
  }
}

type Share = { readonly loadW: number; readonly deviationW: number; readonly rowOffset: number }
type Sum = { members: number; loadW: number; deviationW: number; offsets: Map<number, number> }

/** The member's mean over the group's interval; null unless it has a reading of all of it. */
function shareOf(
  member: Member,
  at: { startMs: EpochMs; stepS: number; days: DayLookup },
): Share | null {
  const parts = at.stepS / member.stepS
  if (!Number.isInteger(parts)) return null
  let loadW = 0
  let deviationW = 0
  let rowOffset = -1
  for (let part = 0; part < parts; part++) {
    const partMs = at.startMs + part * member.stepS * 1000
    const day = at.days(member.roster, partMs)
    const slot = day && member.index < day.capacity ? slotOf(day, partMs) : -1
    if (!day || slot < 0) return null
    const cell = slot * day.capacity + member.index
    const energyMwh = day.columns.energyMwh[cell]!
    if (Number.isNaN(energyMwh)) return null
    loadW += meanPowerW(energyMwh, day.columns.durationS[cell]!) / parts
    deviationW += day.columns.deviationW[cell]! / parts
    rowOffset = Math.max(rowOffset, day.columns.rowOffset[cell]!)
  }
  return { loadW, deviationW, rowOffset }
}

function addShare(sum: Sum, member: Member, share: Share): void {
  sum.members += 1
  sum.loadW += share.loadW
  sum.deviationW += share.deviationW
  const known = sum.offsets.get(member.partition) ?? -1
  sum.offsets.set(member.partition, Math.max(known, share.rowOffset))
}

function versionSumOf(sums: readonly Sum[]): number {
  const offsets = new Map<number, number>()
  for (const sum of sums) {
    for (const [partition, offset] of sum.offsets) {
      offsets.set(partition, Math.max(offsets.get(partition) ?? -1, offset))
    }
  }
  let total = 0
  for (const offset of offsets.values()) total += offset + 1
  return total
}

function emptySum(): Sum {
  return { members: 0, loadW: 0, deviationW: 0, offsets: new Map() }
}

/** Members share a few rosters, so that a day is looked up a few times and not once a member. */
function memoDays(dayOf: DayLookup): DayLookup {
  const known = new Map<object, Map<EpochMs, DayState | undefined>>()
  return (roster, startMs) => {
    const ofRoster = known.get(roster) ?? new Map<EpochMs, DayState | undefined>()
    known.set(roster, ofRoster)
    if (!ofRoster.has(startMs)) ofRoster.set(startMs, dayOf(roster, startMs))
    return ofRoster.get(startMs)
  }
}
