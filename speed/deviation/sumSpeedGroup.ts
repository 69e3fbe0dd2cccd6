import type { GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import { termsAt } from '../../schemas/deviation/groupPlan.ts'
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
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { wholeMilliwatts } from '../../schemas/units.ts'
import { cellState } from './arrival.ts'
import type { PlaceLayer } from './blockPlaces.ts'
import type { Group } from './group.ts'
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
import type { RunBlock } from './speedDay.ts'

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
  /** 1 + the largest row offset, by partition; those without a reading are left out. */
  readonly offsets: number[]
  /** Runs and cells that were looked at: what it has cost beside its sites. */
  looked: number
}

/** Without any site yet. */
export function emptySum(group: Group, startMs: EpochMs): IntervalSum {
  const sites = group.sites.length
  return {
    group,
    startMs,
    stepS: stepAt(group.grid.steps, startMs).intervalS,
    total: emptyGroupSum(),
    missingSites: 0,
    offsets: [],
    looked: 0,
    energyMwh: new Float64Array(sites).fill(Number.NaN),
    deviationMw: new Float64Array(sites).fill(Number.NaN),
    hasMissing: new Uint8Array(sites),
  }
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

/** Lanes of a block, and where they are summed: the sum of a group of the layer, or null. */
export type SummedLanes = {
  readonly block: RunBlock
  readonly layer: PlaceLayer
  readonly sumOf: (group: number, lane: number) => IntervalSum | null
}

/** A slot of some lanes; only those that changed there, by their first changed slots, if given. */
export type LanesOfSlot = {
  readonly slot: number
  readonly fromLane: number
  readonly toLane: number
  readonly fromSlots: Int32Array | null
}

/** Reads sites of a single meter again, as `putSite`, by their lanes: those with a word. */
export function putLanes(
  { block, layer, sumOf }: SummedLanes,
  { slot, fromLane, toLane, fromSlots }: LanesOfSlot,
): void {
  const { state } = block.arrival
  const { lastSlot } = block.lanes
  const cells = (slot - block.first) * block.capacity
  for (let lane = fromLane; lane < toLane; lane++) {
    if (fromSlots && (slot < fromSlots[lane]! || slot > lastSlot[lane]!)) continue
    const group = layer.groups[lane]!
    if (group < 0 || state[cells + lane] === cellState.none) continue
    const sum = sumOf(group, lane)
    if (sum) putLane(sum, { block, layer, lane, cell: cells + lane })
  }
}

type LaneCell = Pick<SummedLanes, 'block' | 'layer'> & {
  readonly lane: number
  readonly cell: number
}

function putLane(sum: IntervalSum, { block, layer, lane, cell }: LaneCell): void {
  const { state, rowOffset } = block.arrival
  const { energyMwh, deviationW, durationS } = block.columns
  const site = layer.sites[lane]!
  noteOffset(sum, layer.partitions[lane]!, rowOffset[cell]!)
  const hasValue = state[cell] === cellState.value
  noteMissing(sum, site, !hasValue)
  const isPart = hasValue && durationS[cell] === sum.stepS
  const sign = layer.signs[lane]!
  putPart(sum, site, {
    energyMwh: isPart ? sign * energyMwh[cell]! : Number.NaN,
    deviationMw: isPart ? sign * wholeMilliwatts(deviationW[cell]!) : Number.NaN,
  })
}

/** The case of most sites: a single meter, whose cell is the whole of the site's part. */
function putOnly(
  sum: IntervalSum,
  { site, only }: { readonly site: number; readonly only: Member },
  found: Found | null,
): void {
  if (found) noteOffset(sum, only.partition, offsetOfRow(found))
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
  // Without the partitions that the list leaves out.
  const versionSum = offsets.reduce((all, offset) => all + offset, 0)
  if (finished) return { ...finished, versionSum }
  // There may have been a sum with what is missing now.
  const none = { members: 0, loadW: 0, baselineW: null, deviationW: null }
  return missingSites === 0 ? null : { ...at, ...none, versionSum }
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
    noteOffset(sum, member.partition, offsetOfRow(found))
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

function noteOffset({ offsets }: IntervalSum, partition: number, rowOffset: number): void {
  if (rowOffset + 1 > (offsets[partition] ?? 0)) offsets[partition] = rowOffset + 1
}
