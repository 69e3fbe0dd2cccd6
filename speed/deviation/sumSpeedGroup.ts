import type { DayColumns } from '../../schemas/deviation/dayState.ts'
import type { GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import {
  type GroupPlan,
  type GroupSite,
  type GroupTerm,
  termsAt,
} from '../../schemas/deviation/groupPlan.ts'
import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import {
  addSite,
  emptyGroupSum,
  finishGroup,
  type MemberRow,
  partOfMember,
} from '../../schemas/deviation/sumGroup.ts'
import { slotOf } from '../../schemas/meter/grid.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { cellState, findRun, type SpeedDay } from './speedDay.ts'

export type Member = GroupTerm & {
  /** Key of the arrays of this member's days; members of one roster share them. */
  readonly roster: object
  readonly index: number
  readonly partition: number
}

export type Group = Omit<GroupPlan, 'sites'> & {
  readonly sites: readonly GroupSite<Member>[]
  /** Of the members, with the instant from which their days are held. */
  readonly rosters: readonly { readonly heldFromMs: EpochMs }[]
}

export type SpeedGroupSum = GroupDeviation & {
  /**
   * Sum over partitions of 1 + the largest row offset of the members' readings in the interval. It
   * rises whenever the sums change, and the complete sum has a larger one than any partial sum.
   * Two partial sums may have the same one when a restart interleaves the partitions differently;
   * then the one written last counts until the complete sum is written.
   */
  readonly versionSum: number
}

export type DayLookup = (roster: object, startMs: EpochMs) => SpeedDay | undefined

/** The sum of a group's interval from `startMs`; null when no site has readings for all of it. */
export function sumSpeedGroup(
  group: Group,
  startMs: EpochMs,
  dayOf: DayLookup,
): SpeedGroupSum | null {
  const days = memoDays(dayOf)
  const sum = emptyGroupSum()
  const { grid, sites } = group
  const stepS = stepAt(grid.steps, startMs).intervalS
  let hasMissing = false
  const offsets = new Map<number, number>()
  const partOf = ({ roster, index, steps, partition }: Member) => {
    const { intervalS } = stepAt(steps, startMs)
    const rowAt = (partMs: EpochMs): MemberRow | null => {
      const at = days(roster, partMs)?.meters.get(index)
      const slot = at ? slotOf(at.day, partMs) : -1
      const run = at && slot >= 0 ? findRun(at, slot) : undefined
      if (!run) return null
      const cell = slot + run.shift
      const { columns, arrival } = run.block
      if (arrival.state[cell] === cellState.none) return null
      const rowOffset = arrival.rowOffset[cell]!
      offsets.set(partition, Math.max(offsets.get(partition) ?? -1, rowOffset))
      // Also what is missing now: the sum without it came after the one with it.
      if (arrival.state[cell] === cellState.value) return rowOf(columns, cell)
      hasMissing = true
      return null
    }
    return partOfMember({ startMs, stepS, intervalS, rowAt })
  }
  for (const site of sites) addSite(sum, termsAt(site, startMs), partOf)
  const finished = finishGroup({ group: group.group, startMs, durationS: stepS }, sum)
  const versionSum = versionSumOf(offsets)
  if (finished) return { ...finished, versionSum }
  // There may have been a sum with what is missing now.
  return !hasMissing ? null : { ...noSum({ name: group.group, startMs, stepS }), versionSum }
}

/** Whether no day is spilled that a sum from an instant on depends on: it would be a part of it. */
export function isGroupHeld({ rosters }: Group, startMs: EpochMs): boolean {
  return rosters.every(({ heldFromMs }) => startMs >= heldFromMs)
}

function rowOf(columns: DayColumns, cell: number): MemberRow {
  return {
    durationS: columns.durationS[cell]!,
    energyMwh: columns.energyMwh[cell]!,
    deviationW: numberOrNull(columns.deviationW[cell]!),
  }
}

function noSum(at: {
  readonly name: string
  readonly startMs: EpochMs
  readonly stepS: number
}): GroupDeviation {
  const { name, startMs, stepS } = at
  const sums = { loadW: 0, baselineW: null, deviationW: null }
  return { group: name, startMs, durationS: stepS, members: 0, ...sums }
}

function versionSumOf(offsets: ReadonlyMap<number, number>): number {
  let total = 0
  for (const offset of offsets.values()) total += offset + 1
  return total
}

/** Members share a few rosters, so a day is looked up a few times and not once per member. */
function memoDays(dayOf: DayLookup): DayLookup {
  const known = new Map<object, Map<EpochMs, SpeedDay | undefined>>()
  return (roster, startMs) => {
    const ofRoster = known.get(roster) ?? new Map<EpochMs, SpeedDay | undefined>()
    known.set(roster, ofRoster)
    if (!ofRoster.has(startMs)) ofRoster.set(startMs, dayOf(roster, startMs))
    return ofRoster.get(startMs)
  }
}
