import { computeBlock } from '../deviation/computeBlock.ts'
import { computeMeterDay } from '../deviation/computeMeterDay.ts'
import { forgetSums } from '../deviation/recentSums.ts'
import { finishSum, type SpeedGroupSum } from '../deviation/sumSpeedGroup.ts'
import type { Changes } from './changes.ts'
import { createDeviationBlock, type DeviationBlock, ownRowsOf, pushRows } from './deviationBlock.ts'
import { pushLanes, rowsOfLanes } from './pushLanes.ts'
import { factorsFor, type SpeedState } from './speedState.ts'
import { nothingTouched, sumsOf, touchLanes, touchSums } from './touchSums.ts'

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
  const rows = changes.blocks.reduce((all, changed) => all + rowsOfLanes(changed), 0)
  // Those of days in several runs are a few mostly; else it grows.
  const deviations = createDeviationBlock(rows + changes.days.length)
  const touched = nothingTouched()
  for (const change of changes.days) {
    pushRows(state, change, deviations)
    if (state.owned[0]) touchSums(state, touched, change)
  }
  for (const changed of changes.blocks) {
    pushLanes(state, changed, deviations)
    if (state.owned[0]) touchLanes(state, touched, changed)
  }
  const groups = sumsOf(state, touched).flatMap((sum) => finishSum(sum) ?? [])
  return { deviations: ownRowsOf(state, deviations), groups }
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
