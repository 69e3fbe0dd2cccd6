import type { MeterId } from '../ids.ts'
import { slotStartMs } from '../meter/grid.ts'
import { comparableBaselineMwh } from './computeDeviation.ts'
import type { DayState } from './dayState.ts'
import type { Deviation } from './deviationRow.ts'

export type ReadDeviationParameters = {
  readonly meter: MeterId
  readonly groups: string
  /** Index of the meter in the day's columns: the cell of a slot is `slot * capacity + index`. */
  readonly index: number
  readonly slot: number
  /** Band of the last hour's deviation, Wh. */
  readonly bandWh: number
}

/** The row of a cell that `computeDeviation` has computed; null where there is no reading. */
export function readDeviation(
  day: Pick<DayState, 'stepS' | 'firstMs' | 'capacity' | 'columns'>,
  at: ReadDeviationParameters,
): Deviation | null {
  const { columns } = day
  const cell = at.slot * day.capacity + at.index
  const energyMwh = columns.energyMwh[cell]!
  if (Number.isNaN(energyMwh)) return null
  const rollingWh = numberOrNull(columns.rollingWh[cell]!)
  return {
    meter: at.meter,
    groups: at.groups,
    startMs: slotStartMs(day, at.slot),
    durationS: columns.durationS[cell]!,
    energyMwh,
    baselineMwh: numberOrNull(comparableBaselineMwh(day, cell)),
    ratio: numberOrNull(columns.ratio[cell]!),
    deviationW: numberOrNull(columns.deviationW[cell]!),
    z: numberOrNull(columns.z[cell]!),
    rollingWh,
    isException: Math.abs(rollingWh ?? 0) > at.bandWh,
  }
}

/** A row without a baseline: it has its energy and nothing else. */
export function bareDeviation(
  reading: Pick<Deviation, 'meter' | 'groups' | 'startMs' | 'durationS' | 'energyMwh'>,
): Deviation {
  const { meter, groups, startMs, durationS, energyMwh } = reading
  return {
    ...{ meter, groups, startMs, durationS, energyMwh },
    baselineMwh: null,
    ratio: null,
    deviationW: null,
    z: null,
    rollingWh: null,
    isException: false,
  }
}

export function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
