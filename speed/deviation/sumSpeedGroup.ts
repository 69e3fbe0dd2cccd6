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
import { always, type Span } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { wholeMilliwatts } from '../../schemas/units.ts'
import { cellState } from './arrival.ts'
import { cellOf, findRun, hasWord, type Run, type SpeedDay } from './speedDay.ts'

export type Member = GroupTerm & {
  /** Key of the arrays of this member's days; members of one roster share them. */
  readonly roster: object
  readonly index: number
  readonly partition: number
}

/** `only`: its one meter, if that counts as it is at all times; of most sites it does. */
type Site = GroupSite<Member> & { readonly only: Member | null }

/** The one term of a site that counts in every interval. */
export function onlyTerm(terms: readonly Member[]): Member | null {
  const [term] = terms
  if (!term || terms.length > 1) return null
  const [span] = term.spans
  const isAlways = span?.fromMs === always.fromMs && span.untilMs === always.untilMs
  return isAlways ? term : null
}

export type Group = Omit<GroupPlan, 'sites'> & {
  readonly sites: readonly Site[]
  /** By id, the place in `sites`. */
  readonly siteAt: ReadonlyMap<string, number>
  /** Of the members, with the instant from which their days are held. */
  readonly rosters: readonly { readonly heldFromMs: EpochMs }[]
}

/** A meter's time in a group, with the place of its site there. */
export type GroupPlace = Span & { readonly group: Group; readonly site: number }

/** Looked up once, and not once a reading. */
export function placesOf(
  groups: ReadonlyMap<string, Group>,
  { site, groups: memberships }: Pick<Meter, 'site' | 'groups'>,
): GroupPlace[] {
  return memberships.flatMap(({ group: id, fromMs, untilMs }) => {
    const group = groups.get(id)
    return group ? [{ group, site: group.siteAt.get(site)!, fromMs, untilMs }] : []
  })
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
    group,
    startMs,
    stepS: stepAt(grid.steps, startMs).intervalS,
    total: emptyGroupSum(),
    missingSites: 0,
    offsets: new Map(),
    energyMwh: new Float64Array(sites.length).fill(Number.NaN),
    deviationMw: new Float64Array(sites.length).fill(Number.NaN),
    hasMissing: new Uint8Array(sites.length),
  }
  for (let site = 0; site < sites.length; site++) putSite(sum, site, dayOf)
  return sum
}

/** Reads a site again: what it had in the sum gives way to what it has now. */
export function putSite(sum: IntervalSum, site: number, dayOf: DayLookup): void {
  const { only } = sum.group.sites[site]!
  if (only && stepAt(only.steps, sum.startMs).intervalS === sum.stepS) {
    putOnly(sum, { site, only }, findCell(only, sum.startMs, dayOf))
    return
  }
  const terms = termsAt(sum.group.sites[site]!, sum.startMs)
  noteMissing(sum, site, noteCells(sum, terms, dayOf))
  const part = partOfSite(terms, (member) => readMember(sum, member, dayOf))
  putPart(sum, site, part ?? noPart)
}

/** Of most sites: their one cell is what they have. */
function putOnly(
  sum: IntervalSum,
  { site, only }: { readonly site: number; readonly only: Member },
  found: Found | null,
): void {
  if (found) noteOffset(sum, only, found)
  const hasValue = found !== null && isValue(found)
  noteMissing(sum, site, found !== null && !hasValue)
  const columns = hasValue ? found.run.block.columns : null
  if (columns?.durationS[found!.cell] !== sum.stepS) {
    putPart(sum, site, noPart)
    return
  }
  putPart(sum, site, {
    energyMwh: only.sign * columns.energyMwh[found!.cell]!,
    deviationMw: only.sign * wholeMilliwatts(columns.deviationW[found!.cell]!),
  })
}

/** `NaN`: nothing. */
const noPart: MemberPart = { energyMwh: Number.NaN, deviationMw: Number.NaN }

/** What a site had gives way to what it has. */
function putPart(
  { total, energyMwh, deviationMw }: IntervalSum,
  site: number,
  part: MemberPart,
): void {
  if (!Number.isNaN(energyMwh[site]!)) {
    takePart(total, { energyMwh: energyMwh[site]!, deviationMw: deviationMw[site]! })
  }
  energyMwh[site] = part.energyMwh
  deviationMw[site] = part.deviationMw
  if (!Number.isNaN(part.energyMwh)) addPart(total, part)
}

function noteMissing(sum: IntervalSum, site: number, isMissing: boolean): void {
  const missing = isMissing ? 1 : 0
  sum.missingSites += missing - sum.hasMissing[site]!
  sum.hasMissing[site] = missing
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
function noteCells(sum: IntervalSum, terms: readonly Member[], dayOf: DayLookup): boolean {
  const { startMs, stepS } = sum
  let isMissing = false
  for (const member of terms) {
    const { intervalS } = stepAt(member.steps, startMs)
    for (let partS = 0; partS < stepS; partS += intervalS) {
      const found = findCell(member, startMs + partS * 1000, dayOf)
      if (!found) continue
      noteOffset(sum, member, found)
      if (!isValue(found)) isMissing = true
    }
  }
  return isMissing
}

function noteOffset({ offsets }: IntervalSum, { partition }: Member, { run, cell }: Found): void {
  const offset = run.block.arrival.rowOffset[cell]! + 1
  if (offset > (offsets.get(partition) ?? 0)) offsets.set(partition, offset)
}

function readMember(
  { startMs, stepS }: IntervalSum,
  member: Member,
  dayOf: DayLookup,
): MemberPart | null {
  const { intervalS } = stepAt(member.steps, startMs)
  const rowAt = (partMs: EpochMs): MemberRow | null => {
    const found = findCell(member, partMs, dayOf)
    return found && isValue(found) ? rowOf(found) : null
  }
  return partOfMember({ startMs, stepS, intervalS, rowAt })
}

/** A cell about which something was said. */
type Found = { readonly run: Run; readonly cell: number }

/** The cell of a member's interval, if something was said about it. */
function findCell({ roster, index }: Member, startMs: EpochMs, dayOf: DayLookup): Found | null {
  const at = dayOf(roster, startMs)?.meters[index]
  const slot = at ? slotOf(at.day, startMs) : -1
  const run = at && slot >= 0 ? findRun(at, slot) : null
  return run && hasWord(run, slot) ? { run, cell: cellOf(run, slot) } : null
}

function isValue({ run, cell }: Found): boolean {
  return run.block.arrival.state[cell] === cellState.value
}

function rowOf({ run, cell }: Found): MemberRow {
  const { columns } = run.block
  return {
    durationS: columns.durationS[cell]!,
    energyMwh: columns.energyMwh[cell]!,
    deviationW: numberOrNull(columns.deviationW[cell]!),
  }
}
