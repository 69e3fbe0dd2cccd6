import { computeDeviation } from '../../schemas/deviation/computeDeviation.ts'
import { createDayState, type DayState } from '../../schemas/deviation/dayState.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { readDeviation } from '../../schemas/deviation/readDeviation.ts'
import { gridOfDay, slotLengthMs, slotOf } from '../../schemas/meter/grid.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import { groupSpans, groupsAt } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, type LocalDay, localDayOf } from '../../schemas/time.ts'
import { meanPowerW } from '../../schemas/units.ts'
import type { CountingReading } from '../history/buildSeries.ts'
import type { SlotBaseline } from './dayBaselines.ts'

/** A local day and its readings, from midnight on and in order of time. */
export type DayReadings = { readonly day: LocalDay; readonly readings: readonly CountingReading[] }

export type DayDeviationsParameters = DayReadings & {
  readonly meter: Meter
  readonly baselines: ReadonlyMap<EpochMs, SlotBaseline>
  readonly options: DeviationOptions
}

/**
 * The rows of one meter's day, one per reading, by the same formula as in the speed layer, from the
 * day's midnight to its last reading. What is no interval of the meter has none: both layers reject
 * it where it arrives.
 */
export function dayDeviations(parameters: DayDeviationsParameters): Deviation[] {
  const { baselines, options, readings } = parameters
  const { meter, steps } = parameters.meter
  const spans = groupSpans(parameters.meter.groups)
  const day = createDayState(gridOfDay(steps, parameters.day), 1)
  const fitting = readings.filter(({ start_ms, duration_s }) => {
    const slot = slotOf(day, start_ms)
    return slot >= 0 && slotLengthMs(day, slot) === duration_s * 1000
  })
  for (const reading of fitting) fillSlot(day, reading, baselines.get(reading.start_ms))
  const isSigned = mayBeNegative(parameters.meter.kind)
  computeDeviation(day, options, { meter: 0, fromSlot: 0, mayBeNegative: isSigned })
  const { bandWh } = options
  return fitting.map(({ start_ms }) => {
    const slot = slotOf(day, start_ms)
    const groups = groupsAt(spans, start_ms)
    return readDeviation(day, { meter, groups, index: 0, slot, bandWh })!
  })
}

/** Readings in order of time, split at each local midnight. */
export function splitDays(readings: readonly CountingReading[], zone: string): DayReadings[] {
  const days: { day: LocalDay; readings: CountingReading[] }[] = []
  for (const reading of readings) {
    const last = days.at(-1)
    if (last && reading.start_ms < last.day.endMs) last.readings.push(reading)
    else days.push({ day: localDayOf(reading.start_ms, zone), readings: [reading] })
  }
  return days
}

/** A row of `batch_deviation`, with every column of the speed row that it replaces. */
export function deviationRow(
  { run, day }: { readonly run: bigint; readonly day: string },
  deviation: Deviation,
): InsertRow<'batch_deviation'> {
  return {
    day,
    run,
    meter: deviation.meter,
    start: deviation.startMs,
    group_id: deviation.groups,
    duration_s: deviation.durationS,
    energy_mwh: deviation.energyMwh,
    baseline_mwh: deviation.baselineMwh,
    ratio: deviation.ratio,
    deviation_w: deviation.deviationW,
    z: deviation.z,
    rolling_wh: deviation.rollingWh,
    is_exception: deviation.isException,
  }
}

function fillSlot(day: DayState, reading: CountingReading, baseline?: SlotBaseline): void {
  const slot = slotOf(day, reading.start_ms)
  const { columns, lastSlot, stepS } = day
  columns.energyMwh[slot] = reading.energy_mwh
  columns.durationS[slot] = reading.duration_s
  lastSlot[0] = Math.max(lastSlot[0]!, slot)
  if (!baseline) return
  columns.baselineMwh[slot] = baseline.baselineMwh
  columns.sigmaW[slot] = meanPowerW(baseline.spreadMwh, stepS)
}
