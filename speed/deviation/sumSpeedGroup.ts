import type { GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import { type GroupPlan, type GroupSite, termsAt } from '../../schemas/deviation/groupPlan.ts'
import {
  addPart,
  emptyGroupSum,
  finishGroup,
  type GroupSum,
  type MemberPart,
  partOfMember,
  partOfSite,
  takePart,
} from '../../schemas/deviation/sumGroup.ts'
import { always, type Span } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { wholeMilliwatts } from '../../schemas/units.ts'
import {
  type DayLookup,
  eachFound,
  type Found,
  findCell,
  isValue,
  type Member,
  offsetOfRow,
  rowOf,
} from './memberWords.ts'

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
  /** The members' rosters, with the instant from which their days are held. */
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
  /** Runs and cells that were looked at: what it has cost beside its sites. */
  looked: number
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
    looked: 0,
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
  const said = new Map(terms.map((member) => [member, readWords(sum, member, dayOf)]))
  noteMissing(sum, site, ![...said.values()].every((words) => words.every(isValue)))
  const part = partOfSite(terms, (member) => partOf(sum, member, said.get(member)!))
  putPart(sum, site, part ?? noPart)
}

/** The case of most sites: a single meter, whose cell is the whole of the site's part. */
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

/** Replaces a site's former part of the sum by its current one. */
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
 * What was said about a member's intervals. Their row offsets are noted, also of one that is
 * incomplete or missing now: the sum without them came after the one with them.
 */
function readWords(sum: IntervalSum, member: Member, dayOf: DayLookup): Found[] {
  const { startMs, stepS } = sum
  const words: Found[] = []
  const range = { startMs, endMs: startMs + stepS * 1000 }
  sum.looked += eachFound(member, { range, dayOf }, (found) => {
    noteOffset(sum, member, found)
    words.push(found)
  })
  return words
}

/** Null unless the member has a value for each of its intervals. */
function partOf(
  { startMs, stepS }: IntervalSum,
  member: Member,
  words: readonly Found[],
): MemberPart | null {
  const { intervalS } = stepAt(member.steps, startMs)
  if (words.length !== stepS / intervalS || !words.every(isValue)) return null
  const rowAt = (partMs: EpochMs) => rowOf(words[(partMs - startMs) / (intervalS * 1000)]!)
  return partOfMember({ startMs, stepS, intervalS, rowAt })
}

function noteOffset({ offsets }: IntervalSum, { partition }: Member, found: Found): void {
  const offset = offsetOfRow(found) + 1
  if (offset > (offsets.get(partition) ?? 0)) offsets.set(partition, offset)
}
