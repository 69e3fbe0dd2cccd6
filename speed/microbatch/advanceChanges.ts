import { intervalAt, isWhole, slotStartMs } from '../../schemas/meter/grid.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import { computeBlock } from '../deviation/computeBlock.ts'
import { computeMeterDay } from '../deviation/computeMeterDay.ts'
import { forgetSums, sumAfter } from '../deviation/recentSums.ts'
import { hasWord } from '../deviation/speedDay.ts'
import {
  finishSum,
  type Group,
  isGroupHeld,
  type SpeedGroupSum,
} from '../deviation/sumSpeedGroup.ts'
import { type Change, type Changes, eachLane } from './changes.ts'
import { createDeviationBlock, type DeviationBlock, pushRows } from './deviationBlock.ts'
import { eachChangedRun } from './eachChangedRun.ts'
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
  const take = (change: Change) => {
    pushRows(state, change, deviations)
    touchSums(state, touched, change)
  }
  for (const change of changes.days) take(change)
  for (const changed of changes.blocks) {
    eachLane(changed, (lane, at) => {
      const enrolled = changed.roster.members[at.meter]!
      take({ at, enrolled, fromSlot: changed.fromSlots[lane]! })
    })
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

/** `latest`: the interval looked up last, which is that of most readings of a micro-batch. */
type TouchedGroup = { readonly starts: Map<EpochMs, number[]>; latest: TimeRange }

const noInterval: TimeRange = { startMs: 0, endMs: 0 }

/** Adds the intervals of groups whose sums depend on what changed. */
export function touchSums(
  { highWaterMs }: Pick<SpeedState, 'highWaterMs'>,
  touched: Touched,
  change: Change,
): void {
  const { day } = change.at
  for (const { group, site, fromMs, untilMs } of change.enrolled.places) {
    const own = touched.get(group) ?? { starts: new Map(), latest: noInterval }
    touched.set(group, own)
    let seenToMs = Number.NEGATIVE_INFINITY
    eachWord(change, (slot) => {
      const ms = slotStartMs(day, slot)
      if (ms < seenToMs) return
      if (!contains(own.latest, ms)) own.latest = intervalAt(group.grid, ms)
      const { startMs, endMs } = own.latest
      seenToMs = endMs
      if (!isWhole(group.grid, own.latest)) return
      if (endMs <= highWaterMs || startMs < fromMs || startMs >= untilMs) return
      if (!isGroupHeld(group, startMs)) return
      const sites = own.starts.get(startMs)
      if (sites) sites.push(site)
      else own.starts.set(startMs, [site])
    })
  }
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
