import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** One meter on a regular grid: slot `i` is `[startMs + i·stepS, …)`. */
export type MeterSeries = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly stepS: number
  /** Energy of each slot, Wh; NaN where no reading counts. An estimate's input: a float. */
  readonly energyWh: Float64Array
  /** The meter's kind allows it: a forecast below zero is not raised to zero. */
  readonly mayBeNegative?: boolean | undefined
}

/** A row of `counting_readings`. */
export type CountingReading = {
  readonly meter: string
  readonly start_ms: number
  readonly energy_mwh: number
  readonly duration_s: number
  readonly quality: number
}

export type BuildSeriesParameters = {
  readonly meter: MeterId
  readonly readings: readonly CountingReading[]
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  readonly stepS: number
  readonly mayBeNegative?: boolean
}

export type BuildSeriesReturnType = {
  readonly series: MeterSeries
  /** Readings of another duration: left as gaps. */
  readonly misfits: number
}

/**
 * Puts the readings that count onto the grid; missing ones are gaps. One between grid points is in
 * the slot in which it starts: of a zone half an hour apart, or before its clock changed by less
 * than an interval. A meter's intervals do not overlap, so each slot has at most one.
 */
export function buildSeries(parameters: BuildSeriesParameters): BuildSeriesReturnType {
  const { meter, readings, startMs, endMs, stepS, mayBeNegative } = parameters
  const stepMs = stepS * 1000
  const slots = Math.max(Math.floor((endMs - startMs) / stepMs), 0)
  const energyWh = new Float64Array(slots).fill(Number.NaN)
  let misfits = 0
  for (const reading of readings) {
    const slot = Math.floor((reading.start_ms - startMs) / stepMs)
    if (slot < 0 || slot >= slots) continue
    if (reading.duration_s === stepS) {
      energyWh[slot] = reading.energy_mwh / 1000
    } else {
      misfits += 1
    }
  }
  return { series: { meter, startMs, stepS, energyWh, mayBeNegative }, misfits }
}
