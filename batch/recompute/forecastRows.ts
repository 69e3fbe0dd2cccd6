import { type MeterKind, mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { bridgeGaps } from '../history/bridgeGaps.ts'
import type { MeterSeries } from '../history/buildSeries.ts'
import { flagSeries, type HistoryFlag } from '../history/flagSeries.ts'
import type { Forecaster } from '../release/openForecaster.ts'

/** Values of a forecast's `flag` besides the flags of the history. */
type ForecastFlag = HistoryFlag | 'no-model' | 'input-gaps'

export type ForecastRowsParameters = {
  readonly run: bigint
  readonly stepS: number
  readonly toMs: EpochMs
  /** A forecast starts where its history ends. */
  readonly sites: readonly { readonly meter: Meter; readonly series: MeterSeries }[]
  /** Null while no model is released for this interval. */
  readonly forecaster: Forecaster | null
}

export const naiveModel = 'seasonal-naive'
/** A week for the naive forecast and a day for the flags. */
const daysMin = 8
const daySecondsS = 86_400

/**
 * The day-ahead forecast of every meter: by the model if the history suffices, else by seasonal
 * naive, and the flag says why.
 */
export async function forecastRows(
  parameters: ForecastRowsParameters,
): Promise<InsertRow<'batch_forecast'>[]> {
  const { forecaster, stepS } = parameters
  const daySlots = Math.round(daySecondsS / stepS)
  const sites = parameters.sites.map(({ meter, series }) => {
    const slotsMax = Math.round(daySlots / 12)
    const inputs = forecaster ? bridgeGaps(series.energyWh, { daySlots, slotsMax }) : null
    return { meter, series, ...chooseInput(series, inputs, { forecaster, daySlots }) }
  })
  const fed = sites.filter((site) => site.input !== null)
  const modelled = new Map<string, Float32Array>()
  if (forecaster && fed.length > 0) {
    const { lookBack, horizon } = forecaster
    const histories = new Float32Array(fed.length * lookBack)
    fed.forEach((site, row) => {
      histories.set(site.input!, row * lookBack)
    })
    const outputs = await forecaster.forecast(histories, fed.length)
    fed.forEach((site, row) => {
      modelled.set(site.meter.meter, outputs.subarray(row * horizon, (row + 1) * horizon))
    })
  }
  return sites.flatMap(({ meter, series, flags }) => {
    const outputs = modelled.get(meter.meter) ?? new Float32Array(0)
    return rowsOfSite(parameters, { meter, series, flags, outputs, daySlots })
  })
}

function chooseInput(
  series: MeterSeries,
  inputs: Float64Array | null,
  { forecaster, daySlots }: { forecaster: Forecaster | null; daySlots: number },
): { input: Float64Array | null; flags: ForecastFlag[] } {
  const flags: ForecastFlag[] = flagSeries(series.energyWh, { daySlots, daysMin })
  if (!forecaster || !inputs) return { input: null, flags: ['no-model', ...flags] }
  const { lookBack } = forecaster
  const input = inputs.length < lookBack ? null : inputs.subarray(inputs.length - lookBack)
  if (!input || input.some(Number.isNaN)) return { input: null, flags: ['input-gaps', ...flags] }
  const isPoor = flags.some((flag) => flag !== 'gaps')
  return { input: isPoor ? null : input, flags }
}

type Site = {
  readonly meter: Meter
  readonly series: MeterSeries
  readonly flags: readonly ForecastFlag[]
  readonly outputs: Float32Array
  readonly daySlots: number
}

function rowsOfSite(parameters: ForecastRowsParameters, site: Site): InsertRow<'batch_forecast'>[] {
  const { run, stepS, toMs, forecaster } = parameters
  const { startMs, energyWh } = site.series
  const fromMs = startMs + energyWh.length * stepS * 1000
  const rows: InsertRow<'batch_forecast'>[] = []
  const slots = Math.ceil((toMs - fromMs) / (stepS * 1000))
  for (let ahead = 0; ahead < slots; ahead++) {
    const modelled = site.outputs[ahead]
    const forecastWh = modelled ?? naiveOf(site.series.energyWh, ahead, site.daySlots)
    if (forecastWh === null) continue
    rows.push({
      run,
      meter: site.meter.meter,
      start: fromMs + ahead * stepS * 1000,
      duration_s: stepS,
      forecast_mwh: Math.round(floorOf(site.meter.kind, forecastWh) * 1000),
      model: modelled === undefined ? naiveModel : (forecaster?.id ?? naiveModel),
      flag: site.flags.join(','),
    })
  }
  return rows
}

/** What a forecast of a meter of this kind can be: below zero only where a reading can. */
function floorOf(kind: MeterKind, forecastWh: number): number {
  return mayBeNegative(kind) ? forecastWh : Math.max(forecastWh, 0)
}

/** The same slot one to four weeks ago, else yesterday's; null if none is known. */
function naiveOf(energyWh: Float64Array, ahead: number, daySlots: number): number | null {
  for (const daysBack of [7, 14, 21, 28, 1]) {
    const slot = energyWh.length + ahead - daysBack * daySlots
    const value = slot < energyWh.length ? energyWh[slot] : undefined
    if (value !== undefined && !Number.isNaN(value)) return value
  }
  return null
}
