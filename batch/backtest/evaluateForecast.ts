import type { MeterId } from '../../schemas/ids.ts'
import { bridgeGaps } from '../history/bridgeGaps.ts'
import type { MeterSeries } from '../history/buildSeries.ts'
import type { SlotRange } from '../history/splitSegments.ts'

/** Mean absolute error of a forecast, Wh, and that of seasonal naive (last week). */
export type ForecastError = {
  readonly maeWh: number
  readonly naiveMaeWh: number
  /**
   * Below 1: better than seasonal naive. NaN when nothing could be compared; infinite when seasonal
   * naive has no error, which nothing is better than.
   */
  readonly ratio: number
  /** Slots compared. */
  readonly slots: number
}

export type EvaluateForecastOptions = {
  readonly lookBack: number
  readonly horizon: number
  /** Slots of a day; the naive forecast is seven days back. */
  readonly daySlots: number
  /** Range of forecast slots; inputs may be before it. */
  readonly range: SlotRange
  /** Distance between origins, slots; default one day. */
  readonly stride?: number
  /** Gaps of inputs up to this are bridged. */
  readonly bridgeSlots: number
  readonly forecast: ForecastRows
}

/** Forecasts of many histories: `[rows][lookBack]` to `[rows][horizon]`, Wh. */
export type ForecastRows = (
  histories: Float32Array,
  rows: number,
) => Float32Array | Promise<Float32Array>

export type EvaluateForecastReturnType = {
  readonly global: ForecastError
  readonly meters: readonly (ForecastError & { readonly meter: MeterId })[]
}

/**
 * Rolling origins: at each one, every meter's day ahead from the data known then, compared with the
 * metered values and with the same time a week ago.
 *
 * A slot is compared only where all three exist, so that gaps favour neither.
 */
export async function evaluateForecast(
  series: readonly MeterSeries[],
  options: EvaluateForecastOptions,
): Promise<EvaluateForecastReturnType> {
  const meters: (ForecastError & { meter: MeterId })[] = []
  const total = { slots: 0, model: 0, naive: 0 }
  for (const each of series) {
    const sums = await sumErrors(each, options)
    meters.push({ meter: each.meter, ...errorOf(sums) })
    total.slots += sums.slots
    total.model += sums.model
    total.naive += sums.naive
  }
  return { global: errorOf(total), meters }
}

type ErrorSums = { slots: number; model: number; naive: number }

async function sumErrors(
  series: MeterSeries,
  options: EvaluateForecastOptions,
): Promise<ErrorSums> {
  const { lookBack, horizon, daySlots } = options
  const { energyWh } = series
  const inputs = bridgeGaps(energyWh, { daySlots, slotsMax: options.bridgeSlots })
  const origins = originsOf(inputs, options)
  const histories = new Float32Array(origins.length * lookBack)
  origins.forEach((origin, row) => {
    histories.set(inputs.subarray(origin - lookBack, origin), row * lookBack)
  })
  const forecasts =
    origins.length === 0 ? histories : await options.forecast(histories, origins.length)
  const sums = { slots: 0, model: 0, naive: 0 }
  origins.forEach((origin, row) => {
    const slots = Math.min(horizon, options.range.end - origin)
    for (let ahead = 0; ahead < slots; ahead++) {
      const metered = energyWh[origin + ahead]!
      const naive = energyWh[origin + ahead - 7 * daySlots] ?? Number.NaN
      if (Number.isNaN(metered) || Number.isNaN(naive)) continue
      sums.slots += 1
      const forecast = forecasts[row * horizon + ahead]!
      const possible = series.mayBeNegative ? forecast : Math.max(forecast, 0)
      sums.model += Math.abs(possible - metered)
      sums.naive += Math.abs(naive - metered)
    }
  })
  return sums
}

/** Origins where a forecast can be made: the whole input is known. */
function originsOf(inputs: Float64Array, options: EvaluateForecastOptions): number[] {
  const { lookBack, daySlots, range, stride = daySlots } = options
  const origins: number[] = []
  for (let origin = range.first; origin < range.end; origin += stride) {
    const history = inputs.subarray(Math.max(origin - lookBack, 0), origin)
    if (history.length === lookBack && !history.some(Number.isNaN)) origins.push(origin)
  }
  return origins
}

function errorOf({ slots, model, naive }: ErrorSums): ForecastError {
  const ratio = naive === 0 && slots > 0 ? Number.POSITIVE_INFINITY : model / naive
  return { maeWh: model / slots, naiveMaeWh: naive / slots, ratio, slots }
}
