import {
  NothingToValidateError,
  NoWholeWindowError,
  RepeatedWeekError,
  TrainingTooShortError,
} from '../../schemas/errors/forecast.ts'
import { evaluateForecast } from '../backtest/evaluateForecast.ts'
import { splitTime, type TimeSplit } from '../backtest/splitTime.ts'
import { bridgeGaps } from '../history/bridgeGaps.ts'
import type { MeterSeries } from '../history/buildSeries.ts'
import type { SlotRange } from '../history/splitSegments.ts'
import { centreGram } from './centreGram.ts'
import { foldCentring } from './foldCentring.ts'
import { gramOfSeries, type SiteScale, siteScales } from './gramOfSeries.ts'
import { applyLinear, type LinearModel } from './linearModel.ts'
import { searchByCoordinate } from './searchByCoordinate.ts'
import { solveRidge } from './solveRidge.ts'
import { gramMatrix } from './windowGram.ts'

export type Hyperparameters = {
  readonly lookBackDays: number
  /** Number of last slots whose mean centres a window. */
  readonly centreSlots: number
  readonly lambda: number
  readonly scale: SiteScale
}

export type TrainForecastParameters = {
  /** All on one grid. */
  readonly series: readonly MeterSeries[]
  readonly daySlots: number
}

export type TrainForecastReturnType = {
  readonly model: LinearModel
  readonly hyperparameters: Hyperparameters
  readonly split: TimeSplit
  /** Error on the validation range relative to seasonal naive, with the chosen settings. */
  readonly validationRatio: number
}

/** Gaps up to two hours are filled in inputs. */
export const bridgeShare = 1 / 12
const lookBacksDays = [1, 2, 3, 7, 14]
/** Cholesky is cubic: at five minutes a slot a week would be 2,016. */
const lookBackSlotsMax = 1344
const lambdas = [0.003, 0.01, 0.03, 0.1, 0.3, 1]

/**
 * One linear day-ahead model for all sites: ridge in closed form (METHODS §4.1).
 *
 * Settings are chosen by the error on the validation range of models fitted on the training range;
 * the chosen ones are refitted on both. The test range is not used.
 *
 * @throws InvalidArgumentError when the history is too short, or repeats itself every week.
 */
export async function trainForecast(
  parameters: TrainForecastParameters,
): Promise<TrainForecastReturnType> {
  const { series, daySlots } = parameters
  const slots = series[0]?.energyWh.length ?? 0
  const split = splitTime(slots, daySlots)
  const lookBacks = lookBacksFor(split.train, daySlots)
  const bridged = series.map(({ energyWh }) =>
    bridgeGaps(energyWh, { daySlots, slotsMax: Math.round(daySlots * bridgeShare) }),
  )
  const fitModel = makeFit(bridged, daySlots)
  const start = { scale: 'none', lambda: 0.1, centreSlots: daySlots, lookBackDays: lookBacks[0]! }
  const candidates = {
    scale: siteScales,
    lambda: lambdas,
    centreSlots: [1, daySlots, 7 * daySlots],
    lookBackDays: lookBacks,
  }
  const { settings, score } = await searchByCoordinate<Hyperparameters>(
    start as Hyperparameters,
    candidates,
    (tried) => scoreOf(tried),
  )
  if (Number.isNaN(score)) {
    throw new NothingToValidateError()
  }
  if (score === Number.POSITIVE_INFINITY) throw new RepeatedWeekError()
  const known = { first: 0, end: split.validate.end }
  return {
    model: fitModel(settings, known),
    hyperparameters: settings,
    split,
    validationRatio: score,
  }

  async function scoreOf(tried: Hyperparameters): Promise<number> {
    if (tried.centreSlots > tried.lookBackDays * daySlots) return Number.NaN
    const model = fitModel(tried, split.train)
    const error = await evaluateForecast(series, {
      ...evaluationOf(model, daySlots),
      range: split.validate,
    })
    return error.global.ratio
  }
}

/** Evaluation of a linear model; the caller adds the range. */
export function evaluationOf(model: LinearModel, daySlots: number) {
  return {
    lookBack: model.lookBack,
    horizon: model.horizon,
    daySlots,
    bridgeSlots: Math.round(daySlots * bridgeShare),
    forecast: (histories: Float32Array, rows: number) => applyLinear(model, histories, rows),
  }
}

/** Fits on demand; the Gram of the last shape, range and scale is kept for the next lambda. */
function makeFit(bridged: readonly Float64Array[], daySlots: number) {
  let last: { key: string; matrix: Float64Array } = { key: '', matrix: new Float64Array(0) }
  return (settings: Hyperparameters, range: SlotRange): LinearModel => {
    const shape = { lookBack: settings.lookBackDays * daySlots, horizon: daySlots }
    const key = `${shape.lookBack} ${range.first} ${range.end} ${settings.scale}`
    if (last.key !== key) {
      const gram = gramOfSeries(bridged, { shape, range, scale: settings.scale })
      if (gram.windows === 0) {
        throw new NoWholeWindowError({ days: settings.lookBackDays + 1 })
      }
      last = { key, matrix: gramMatrix(gram) }
    }
    const centred = centreGram(last.matrix, shape, settings.centreSlots)
    const coefficients = solveRidge(centred, shape, settings.lambda)
    return { ...shape, weights: foldCentring(coefficients, shape, settings.centreSlots) }
  }
}

/** At most a week first, then the next longer one that leaves enough training windows. */
function lookBacksFor(train: SlotRange, daySlots: number): number[] {
  const days = Math.floor((train.end - train.first) / daySlots)
  const possible = lookBacksDays.filter(
    (each) => 2 * (each + 1) <= days && each * daySlots <= lookBackSlotsMax,
  )
  if (possible.length === 0) {
    throw new TrainingTooShortError({ days })
  }
  const first = possible.filter((each) => each <= 7).at(-1)!
  return [first, ...possible.filter((each) => each > 7)]
}
