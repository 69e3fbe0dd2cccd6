import type { Deviation } from '../../schemas/deviation.ts'
import { advanceMeter } from '../deviation/advanceMeter.ts'
import { type DayState, slotStartMs } from '../deviation/dayState.ts'
import { numberOrNull } from '../deviation/placeReading.ts'
import { type Group, type GroupSum, sumGroup } from '../deviation/sumGroup.ts'
import type { Changes } from './processRecords.ts'
import { type Enrolled, findDay, type SpeedState } from './speedState.ts'

/** A row of the speed view, with the log offset its content goes back to. */
export type DeviationRow = { readonly deviation: Deviation; readonly offset: number }

export type AdvanceChangesReturnType = {
  readonly deviations: readonly DeviationRow[]
  readonly groups: readonly GroupSum[]
}

/** Computes what a micro-batch changed: the rest of those meters' days, and their groups' sums. */
export function advanceChanges(state: SpeedState, changes: Changes): AdvanceChangesReturnType {
  const deviations: DeviationRow[] = []
  const touched = new Map<Group, Set<number>>()
  for (const [day, meters] of changes.days) {
    for (const [enrolled, fromSlot] of meters) {
      advanceMeter(day, state.options, { meter: enrolled.index, fromSlot })
      const group = state.groups.get(enrolled.group)!
      const starts = touched.get(group) ?? new Set<number>()
      touched.set(group, starts)
      for (const row of rowsFrom(state, { day, enrolled, fromSlot })) {
        deviations.push(row)
        starts.add(floorTo(row.deviation.startMs, group.stepS))
      }
    }
  }
  for (const name of changes.misaligned) deviations.push(misalignedRow(state, name))
  return { deviations, groups: sumTouched(touched) }
}

function sumTouched(touched: ReadonlyMap<Group, ReadonlySet<number>>): GroupSum[] {
  return [...touched].flatMap(([group, starts]) =>
    [...starts].flatMap((startMs) => sumGroup(group, startMs, findDay) ?? []),
  )
}

function rowsFrom(
  { options }: SpeedState,
  at: { day: DayState; enrolled: Enrolled; fromSlot: number },
): DeviationRow[] {
  const { day, enrolled } = at
  const { columns, capacity } = day
  const rows: DeviationRow[] = []
  for (let slot = at.fromSlot; slot <= day.lastSlot[enrolled.index]!; slot++) {
    const cell = slot * capacity + enrolled.index
    const energyMwh = columns.energyMwh[cell]!
    if (Number.isNaN(energyMwh)) continue
    const rollingWh = numberOrNull(columns.rollingWh[cell]!)
    const deviation = {
      meter: enrolled.meter,
      group: enrolled.group,
      startMs: slotStartMs(day, slot),
      durationS: columns.durationS[cell]!,
      energyMwh,
      baselineMwh: numberOrNull(columns.baselineMwh[cell]!),
      ratio: numberOrNull(columns.ratio[cell]!),
      deviationW: numberOrNull(columns.deviationW[cell]!),
      z: numberOrNull(columns.z[cell]!),
      rollingWh,
      isException: Math.abs(rollingWh ?? 0) > options.bandWh,
    }
    rows.push({ deviation, offset: columns.rowOffset[cell]! })
  }
  return rows
}

function misalignedRow(state: SpeedState, name: string): DeviationRow {
  const { counting, offset } = state.misaligned.get(name)!
  const deviation = {
    meter: counting.meter,
    group: state.enrolled.get(counting.meter)!.group,
    startMs: counting.startMs,
    durationS: counting.durationS,
    energyMwh: counting.energyMwh,
    baselineMwh: null,
    ratio: null,
    deviationW: null,
    z: null,
    rollingWh: null,
    isException: false,
  }
  return { deviation, offset }
}

function floorTo(ms: number, stepS: number): number {
  return Math.floor(ms / (stepS * 1000)) * stepS * 1000
}
