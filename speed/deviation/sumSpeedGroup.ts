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
  addPart,
  emptyGroupSum,
  finishGroup,
  type GroupSum,
  type MemberPart,
  type MemberRow,
  partOfMember,
  partOfSite,
  takePart,
} from '../../schemas/deviation/sumGroup.ts'
import { slotOf } from '../../schemas/meter/grid.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { cellState, findRun, type Run, type SpeedDay } from './speedDay.ts'

export type Member = GroupTerm & {
  /** Key of the arrays of this member's days; members of one roster share them. */
  readonly roster: object
  readonly index: number
  readonly partition: number
}

export type Group = Omit<GroupPlan, 'sites'> & {
  readonly sites: readonly GroupSite<Member>[]
  /** By id, the place in `sites`. */
  readonly siteAt: ReadonlyMap<string, number>
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

/**
 * The sum of a group's interval, and what each site has in it: a site that changed is taken away
 * and added anew, and the others are not looked at. Numbers are whole, so it is the sum of all.
 */
export type IntervalSum = {
  readonly group: Group
  readonly startMs: EpochMs
  readonly stepS: number
  readonly total: GroupSum
  /** What each site has: NaN where it has nothing, or no deviation. `[site]` */
  readonly energyMwh: Float64Array
  readonly deviationMw: Float64Array
  /** 1: one of its readings was said to be missing, or withdrawn. `[site]` */
  readonly hasMissing: Uint8Array
  missingSites: number
  /** 1 + the largest row offset, by partition. */
  readonly offsets: Map<number, number>
}

/** The sum of an interval from `startMs`, of all sites. */
export function sumInterval(group: Group, startMs: EpochMs, dayOf: DayLookup): IntervalSum {
  const { sites, grid } = group
  const sum: IntervalSum = {
    ...{ group, startMs, stepS: stepAt(grid.steps, startMs).intervalS },
    ...{ total: emptyGroupSum(), missingSites: 0, offsets: new Map() },
    energyMwh: new Float64Array(sites.length).fill(Number.NaN),
    deviationMw: new Float64Array(sites.length).fill(Number.NaN),
    hasMissing: new Uint8Array(sites.length),
  }
  const days = memoDays(dayOf)
  for (let site = 0; site < sites.length; site++) putSite(sum, site, days)
  return sum
}

/** Reads a site again: what it had in the sum gives way to what it has now. */
export function putSite(sum: IntervalSum, site: number, dayOf: DayLookup): void {
  const { group, total, energyMwh, deviationMw, hasMissing } = sum
  if (!Number.isNaN(energyMwh[site]!)) {
    takePart(total, { energyMwh: energyMwh[site]!, deviationMw: deviationMw[site]! })
  }
  const terms = termsAt(group.sites[site]!, sum.startMs)
  const isMissing = noteCells(sum, terms, dayOf) ? 1 : 0
  sum.missingSites += isMissing - hasMissing[site]!
  hasMissing[site] = isMissing
  const part = partOfSite(terms, (member) => readMember(sum, member, dayOf))
  energyMwh[site] = part?.energyMwh ?? Number.NaN
  deviationMw[site] = part?.deviationMw ?? Number.NaN
  if (part) addPart(total, part)
}

/** What is published of it; null when no site has readings for all of it. */
export function finishSum(sum: IntervalSum): SpeedGroupSum | null {
  const { group, startMs, stepS, total, missingSites, offsets } = sum
  const at = { group: group.group, startMs, durationS: stepS }
  const finished = finishGroup(at, total)
  let versionSum = 0
  for (const offset of offsets.values()) versionSum += offset
  if (finished) return { ...finished, versionSum }
  // There may have been a sum with what is missing now.
  const none = { members: 0, loadW: 0, baselineW: null, deviationW: null }
  return missingSites === 0 ? null : { ...at, ...none, versionSum }
}

/** Whether no day is spilled that a sum from an instant on depends on: it would be a part of it. */
export function isGroupHeld({ rosters }: Group, startMs: EpochMs): boolean {
  return rosters.every(({ heldFromMs }) => startMs >= heldFromMs)
}

/**
 * Notes the row offsets of all readings of a site, also of one that is incomplete or missing now:
 * the sum without them came after the one with them. Returns whether one is missing.
 */
function noteCells(
  { startMs, stepS, offsets }: IntervalSum,
  terms: readonly Member[],
  dayOf: DayLookup,
): boolean {
  let isMissing = false
  for (const member of terms) {
    const { partition } = member
    const { intervalS } = stepAt(member.steps, startMs)
    for (let partS = 0; partS < stepS; partS += intervalS) {
      const found = findCell(member, startMs + partS * 1000, dayOf)
      if (!found) continue
      const { arrival } = found.run.block
      const offset = arrival.rowOffset[found.cell]! + 1
      if (offset > (offsets.get(partition) ?? 0)) offsets.set(partition, offset)
      if (arrival.state[found.cell] !== cellState.value) isMissing = true
    }
  }
  return isMissing
}

function readMember(
  { startMs, stepS }: IntervalSum,
  member: Member,
  dayOf: DayLookup,
): MemberPart | null {
  const { intervalS } = stepAt(member.steps, startMs)
  const rowAt = (partMs: EpochMs): MemberRow | null => {
    const found = findCell(member, partMs, dayOf)
    if (!found) return null
    const { columns, arrival } = found.run.block
    return arrival.state[found.cell] === cellState.value ? rowOf(columns, found.cell) : null
  }
  return partOfMember({ startMs, stepS, intervalS, rowAt })
}

/** The cell of a member's interval, if something was said about it. */
function findCell(
  { roster, index }: Member,
  startMs: EpochMs,
  dayOf: DayLookup,
): { readonly run: Run; readonly cell: number } | null {
  const at = dayOf(roster, startMs)?.meters.get(index)
  const slot = at ? slotOf(at.day, startMs) : -1
  const run = at && slot >= 0 ? findRun(at, slot) : undefined
  if (!run) return null
  const cell = slot + run.shift
  return run.block.arrival.state[cell] === cellState.none ? null : { run, cell }
}

function rowOf(columns: DayColumns, cell: number): MemberRow {
  return {
    durationS: columns.durationS[cell]!,
    energyMwh: columns.energyMwh[cell]!,
    deviationW: numberOrNull(columns.deviationW[cell]!),
  }
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
