import type { Meter } from '../../schemas/meter.ts'
import type { Row } from '../../schemas/ports/views.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import { meanPowerW } from '../../schemas/units.ts'
import type { CountingReading } from '../history/buildSeries.ts'
import type { SlotBaseline } from './dayBaselines.ts'

export type DeviationRowsParameters = {
  readonly generation: number
  readonly meter: Meter
  /** In order of time. */
  readonly readings: readonly CountingReading[]
  readonly baselines: ReadonlyMap<EpochMs, SlotBaseline>
}

const hourMs = 3_600_000

/**
 * One row a reading: load, and where there is a baseline the deviation from it and its sum over the
 * last hour of the same local day.
 *
 * The same-day ratio, z and exceptions are the live view's: once a day is closed nobody is told.
 */
export function deviationRows(parameters: DeviationRowsParameters): Row[] {
  const { generation, meter, readings, baselines } = parameters
  const lastHour: { endMs: EpochMs; deviationWh: number }[] = []
  let dayEndMs = Number.NEGATIVE_INFINITY
  return readings.map((reading) => {
    const startMs = reading.start_ms
    const baseline =
      reading.duration_s === meter.intervalS ? baselines.get(startMs)?.baselineMwh : undefined
    if (startMs >= dayEndMs) {
      dayEndMs = localDayOf(startMs, meter.zone).endMs
      lastHour.length = 0
    }
    const deviationMwh = baseline === undefined ? null : reading.energy_mwh - baseline
    if (deviationMwh !== null) {
      const endMs = startMs + reading.duration_s * 1000
      lastHour.push({ endMs, deviationWh: deviationMwh / 1000 })
      while (lastHour[0]!.endMs <= endMs - hourMs) lastHour.shift()
    }
    return {
      generation,
      meter: meter.meter,
      start: startMs,
      group_id: meter.group,
      duration_s: reading.duration_s,
      energy_mwh: reading.energy_mwh,
      baseline_mwh: baseline ?? null,
      ratio: null,
      deviation_w: deviationMwh === null ? null : meanPowerW(deviationMwh, reading.duration_s),
      z: null,
      rolling_wh:
        deviationMwh === null ? null : lastHour.reduce((sum, each) => sum + each.deviationWh, 0),
      is_exception: false,
    }
  })
}
