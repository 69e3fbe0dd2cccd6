import { computeDeviation } from '../../schemas/deviation/computeDeviation.ts'
import { slotStartMs } from '../../schemas/deviation/dayState.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import { bareDeviation, readDeviation } from '../../schemas/deviation/readDeviation.ts'
import { groupStartMs } from '../../schemas/deviation/sumGroup.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { advanceOffsets } from '../deviation/speedDay.ts'
import { type Group, type SpeedGroupSum, sumSpeedGroup } from '../deviation/sumSpeedGroup.ts'
import type { Change, Changes } from './processRecords.ts'
import { findDay, type SpeedState } from './speedState.ts'

/** A row of the speed view, with the last log offset its content depends on. */
export type DeviationRow = { readonly deviation: Deviation; readonly offset: number }

export type AdvanceChangesReturnType = {
  readonly deviations: readonly DeviationRow[]
  readonly groups: readonly SpeedGroupSum[]
}

/**
 * Recomputes what a micro-batch changed: the rest of those meters' days, and their groups' sums.
 *
 * Rows that start before the high-water mark, and sums that end by it, belong to the batch view.
 */
export function advanceChanges(state: SpeedState, changes: Changes): AdvanceChangesReturnType {
  computeChanges(state, changes)
  const deviations: DeviationRow[] = []
  const touched = new Map<Group, Set<EpochMs>>()
  for (const change of changes.days.values()) {
    pushRows(state, change, deviations)
    touchGroup(state, touched, change)
  }
  for (const name of changes.misaligned) deviations.push(...misalignedRows(state, name))
  return { deviations, groups: sumTouched(touched) }
}

/** Only the state: the rows are for later, of the whole state at once (`createBacklog`). */
export function computeChanges({ options }: SpeedState, { days }: Changes): void {
  for (const { at, fromSlot } of days.values()) {
    computeDeviation(at.block, options, { meter: at.column, fromSlot })
    advanceOffsets(at, fromSlot)
  }
}

/** Adds the intervals of a group whose sums depend on what changed. */
export function touchGroup(
  { groups, highWaterMs, spilledToMs }: SpeedState,
  touched: Map<Group, Set<EpochMs>>,
  { at, enrolled, fromSlot }: Change,
): void {
  const group = groups.get(enrolled.group)
  if (!group) return
  const { block, column } = at
  const starts = touched.get(group) ?? new Set<EpochMs>()
  touched.set(group, starts)
  for (let slot = fromSlot; slot <= block.lastSlot[column]!; slot++) {
    if (Number.isNaN(block.columns.energyMwh[slot * block.capacity + column]!)) continue
    const startMs = groupStartMs(slotStartMs(block, slot), group.stepS)
    // A sum of which a part is spilled would have fewer members than the one that is shown.
    const isOpen = startMs + group.stepS * 1000 > highWaterMs && startMs >= spilledToMs
    if (isOpen) starts.add(startMs)
  }
}

function sumTouched(touched: ReadonlyMap<Group, ReadonlySet<EpochMs>>): SpeedGroupSum[] {
  return [...touched].flatMap(([group, starts]) =>
    [...starts].flatMap((startMs) => sumSpeedGroup(group, startMs, findDay) ?? []),
  )
}

/** Appends the rows of a meter's day from a slot on. */
export function pushRows(
  { options, highWaterMs }: SpeedState,
  { at, enrolled, fromSlot }: Change,
  rows: DeviationRow[],
): void {
  const { block, column } = at
  const { meter, group, roster } = enrolled
  const fromMs = Math.max(highWaterMs, roster.heldFromMs)
  for (let slot = fromSlot; slot <= block.lastSlot[column]!; slot++) {
    if (slotStartMs(block, slot) < fromMs) continue
    const { bandWh } = options
    const deviation = readDeviation(block, { meter, group, index: column, slot, bandWh })
    const offset = block.arrival.rowOffset[slot * block.capacity + column]!
    if (deviation) rows.push({ deviation, offset })
  }
}

/** None when the reading's day was spilled meanwhile. */
export function misalignedRows(state: SpeedState, name: string): DeviationRow[] {
  const known = state.misaligned.get(name)
  if (!known) return []
  const { group } = state.enrolled.get(known.counting.meter)!
  return [{ deviation: bareDeviation({ ...known.counting, group }), offset: known.offset }]
}
