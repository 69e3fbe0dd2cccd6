import { computeDeviation } from '../../schemas/deviation/computeDeviation.ts'
import { slotStartMs } from '../../schemas/deviation/dayState.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import { bareDeviation, readDeviation } from '../../schemas/deviation/readDeviation.ts'
import { groupStartMs } from '../../schemas/deviation/sumGroup.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { advanceOffsets, type SpeedDay } from '../deviation/speedDay.ts'
import { type Group, type SpeedGroupSum, sumSpeedGroup } from '../deviation/sumSpeedGroup.ts'
import type { Changes } from './processRecords.ts'
import { type Enrolled, findDay, type SpeedState } from './speedState.ts'

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
  const deviations: DeviationRow[] = []
  const touched = new Map<Group, Set<EpochMs>>()
  for (const [day, meters] of changes.days) {
    for (const [enrolled, fromSlot] of meters) {
      const at = { meter: enrolled.index, fromSlot }
      computeDeviation(day, state.options, at)
      advanceOffsets(day, at)
      for (const row of rowsFrom(state, { day, enrolled, fromSlot })) deviations.push(row)
      touchGroup(state, touched, { day, enrolled, fromSlot })
    }
  }
  for (const name of changes.misaligned) deviations.push(misalignedRow(state, name))
  return { deviations, groups: sumTouched(touched) }
}

type Changed = { readonly day: SpeedDay; readonly enrolled: Enrolled; readonly fromSlot: number }

function touchGroup(
  { groups, highWaterMs }: SpeedState,
  touched: Map<Group, Set<EpochMs>>,
  { day, enrolled, fromSlot }: Changed,
): void {
  const group = groups.get(enrolled.group)
  if (!group) return
  const starts = touched.get(group) ?? new Set<EpochMs>()
  touched.set(group, starts)
  for (let slot = fromSlot; slot <= day.lastSlot[enrolled.index]!; slot++) {
    if (Number.isNaN(day.columns.energyMwh[slot * day.capacity + enrolled.index]!)) continue
    const startMs = groupStartMs(slotStartMs(day, slot), group.stepS)
    if (startMs + group.stepS * 1000 > highWaterMs) starts.add(startMs)
  }
}

function sumTouched(touched: ReadonlyMap<Group, ReadonlySet<EpochMs>>): SpeedGroupSum[] {
  return [...touched].flatMap(([group, starts]) =>
    [...starts].flatMap((startMs) => sumSpeedGroup(group, startMs, findDay) ?? []),
  )
}

function rowsFrom({ options, highWaterMs }: SpeedState, changed: Changed): DeviationRow[] {
  const { day, enrolled } = changed
  const { meter, group, index } = enrolled
  const rows: DeviationRow[] = []
  for (let slot = changed.fromSlot; slot <= day.lastSlot[index]!; slot++) {
    if (slotStartMs(day, slot) < highWaterMs) continue
    const { bandWh } = options
    const deviation = readDeviation(day, { meter, group, index, slot, bandWh })
    const offset = day.arrival.rowOffset[slot * day.capacity + index]!
    if (deviation) rows.push({ deviation, offset })
  }
  return rows
}

function misalignedRow(state: SpeedState, name: string): DeviationRow {
  const { counting, offset } = state.misaligned.get(name)!
  const { group } = state.enrolled.get(counting.meter)!
  return { deviation: bareDeviation({ ...counting, group }), offset }
}
