import { intervalAt, isWhole, slotStartMs } from '../../schemas/meter/grid.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import { cellState } from '../deviation/arrival.ts'
import { computeBlock } from '../deviation/computeBlock.ts'
import { computeMeterDay } from '../deviation/computeMeterDay.ts'
import { forgetSums, sumAfter } from '../deviation/recentSums.ts'
import { hasWord, unchanged } from '../deviation/speedDay.ts'
import {
  finishSum,
  type Group,
  type GroupPlace,
  isGroupHeld,
  type SpeedGroupSum,
} from '../deviation/sumSpeedGroup.ts'
import type { Change, ChangedBlock, Changes } from './changes.ts'
import { createDeviationBlock, type DeviationBlock, pushRows } from './deviationBlock.ts'
import { eachChangedRun } from './eachChangedRun.ts'
import { pushLanes } from './pushLanes.ts'
import { findDay } from './roster.ts'
import { factorsFor, type SpeedState } from './speedState.ts'

export type AdvanceChangesReturnType = {
  readonly deviations: DeviationBlock
  readonly groups: readonly SpeedGroupSum[]
}

/**
 * Recomputes what a micro-batch changed: the rest of those meters' days, and their groups' sums.
 *
 * Rows that start before the high-water mark, and sums that end by it, belong to the batch view.
 */
export function advanceChanges(state: SpeedState, changes: Changes): AdvanceChangesReturnType {
  compute(state, changes)
  const deviations = createDeviationBlock()
  const touched: Touched = new Map()
  for (const change of changes.days) {
    pushRows(state, change, deviations)
    touchSums(state, touched, change)
  }
  for (const changed of changes.blocks) {
    pushLanes(state, changed, deviations)
    touchLanes(state, touched, changed)
  }
  return { deviations, groups: sumTouched(state, touched) }
}

/** Only the state: the rows are for later, of the whole state at once (`createBacklog`). */
export function computeChanges(state: SpeedState, changes: Changes): void {
  compute(state, changes)
  forgetSums(state.sums)
}

function compute(state: SpeedState, { days, blocks }: Changes): void {
  for (const { at, fromSlot } of days) {
    computeMeterDay(at, factorsFor(state, at.day.stepS), fromSlot)
  }
  for (const changed of blocks) computeBlock(changed, factorsFor(state, changed.block.stepS))
}

/** By group, the sites that changed, by the start of the interval. */
export type Touched = Map<Group, TouchedGroup>

/**
 * `latest`: the interval looked up last, which is that of most readings of a micro-batch; `sites`
 * are its changed ones, null where it is not summed here.
 */
type TouchedGroup = {
  readonly starts: Map<EpochMs, number[]>
  latest: TimeRange
  sites: number[] | null
}

/** Adds the intervals of groups whose sums depend on what changed. */
export function touchSums(
  state: Pick<SpeedState, 'highWaterMs'>,
  touched: Touched,
  change: Change,
): void {
  const { day } = change.at
  for (const place of change.enrolled.places) {
    const own = touchedOf(touched, place.group)
    let seenToMs = Number.NEGATIVE_INFINITY
    eachWord(change, (slot) => {
      const ms = slotStartMs(day, slot)
      if (ms >= seenToMs) seenToMs = touchAt(state, own, { place, ms })
    })
  }
}

/** The same of the changed lanes of a block. */
function touchLanes(
  state: SpeedState,
  touched: Touched,
  { block, roster, fromSlots }: ChangedBlock,
): void {
  const { first, capacity, lanes, arrival } = block
  for (let lane = 0; lane < fromSlots.length; lane++) {
    const from = fromSlots[lane]!
    if (from === unchanged) continue
    for (const place of roster.members[lanes.meter[lane]!]!.places) {
      const own = touchedOf(touched, place.group)
      let seenToMs = Number.NEGATIVE_INFINITY
      for (let slot = from; slot <= lanes.lastSlot[lane]!; slot++) {
        if (arrival.state[(slot - first) * capacity + lane] === cellState.none) continue
        const ms = slotStartMs(block, slot)
        if (ms >= seenToMs) seenToMs = touchAt(state, own, { place, ms })
      }
    }
  }
}

function touchedOf(touched: Touched, group: Group): TouchedGroup {
  const known = touched.get(group)
  if (known) return known
  const own: TouchedGroup = { starts: new Map(), latest: noInterval, sites: null }
  touched.set(group, own)
  return own
}

const noInterval: TimeRange = { startMs: 0, endMs: 0 }

/** Adds the site of a place for the interval that contains an instant; returns its end. */
function touchAt(
  { highWaterMs }: Pick<SpeedState, 'highWaterMs'>,
  own: TouchedGroup,
  { place, ms }: { readonly place: GroupPlace; readonly ms: EpochMs },
): EpochMs {
  const { group, site, fromMs, untilMs } = place
  if (!contains(own.latest, ms)) {
    own.latest = intervalAt(group.grid, ms)
    const { startMs, endMs } = own.latest
    const isSummed = isWhole(group.grid, own.latest) && endMs > highWaterMs
    own.sites = isSummed && isGroupHeld(group, startMs) ? (own.starts.get(startMs) ?? []) : null
  }
  const { latest, sites } = own
  if (sites && fromMs <= latest.startMs && latest.startMs < untilMs) {
    if (sites.length === 0) own.starts.set(latest.startMs, sites)
    sites.push(site)
  }
  return latest.endMs
}

function contains({ startMs, endMs }: TimeRange, ms: EpochMs): boolean {
  return startMs <= ms && ms < endMs
}

function sumTouched({ sums }: SpeedState, touched: Touched): SpeedGroupSum[] {
  return [...touched].flatMap(([group, { starts }]) =>
    [...starts].flatMap(
      ([startMs, sites]) => finishSum(sumAfter(sums, { group, startMs, sites }, findDay)) ?? [],
    ),
  )
}

/** The slots about which something was said, from the first changed one on. */
function eachWord(change: Change, take: (slot: number) => void): void {
  eachChangedRun(change, ({ run, first, next }) => {
    for (let slot = first; slot < next; slot++) if (hasWord(run, slot)) take(slot)
  })
}
