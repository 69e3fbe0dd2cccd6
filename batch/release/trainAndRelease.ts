import { chunk } from '../../schemas/chunk.ts'
import {
  IntervalWithoutModelError,
  ModelUnderperformingError,
  NothingToTestError,
  RepeatedWeekError,
} from '../../schemas/errors/forecast.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import type { ModelCard } from '../../schemas/ports/models.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { occupiedSince, readOccupancyStarts } from '../archive/occupiedFrom.ts'
import { metersAtOnce, readHistory } from '../archive/readHistory.ts'
import { evaluateForecast, type ForecastError } from '../backtest/evaluateForecast.ts'
import { buildSeries, type CountingReading, type MeterSeries } from '../history/buildSeries.ts'
import type { BatchPorts } from '../jobs/batchPorts.ts'
import type { TrainData } from '../jobs/jobs.ts'
import {
  bridgeShare,
  type TrainForecastReturnType,
  trainForecast,
} from '../training/trainForecast.ts'
import { decideRelease } from './decideRelease.ts'
import { encodeOnnx } from './encodeOnnx.ts'
import { makeCard } from './makeCard.ts'
import { openForecaster } from './openForecaster.ts'

/** Outcome for one interval length. */
export type TrainOutcome = {
  readonly intervalS: number
  /** `kept`: the model in use, or seasonal naive without one, stays. */
  readonly outcome: 'released' | 'unchanged' | 'kept' | 'untrained'
  /** The trained model; null when there was too little data, or nothing to be better than. */
  readonly modelId: string | null
  readonly maeWh: number | null
  readonly naiveMaeWh: number | null
  readonly ratio: number | null
  readonly championRatio: number | null
  /** Why nothing was released, as a message. */
  readonly reason: string | null
}

/** Interval lengths for which a day-ahead model can be trained. */
const trainableS = [900, 1800, 3600]
const dayMs = 86_400_000

/** Trains a day-ahead model for each interval length in use and releases those that are better. */
export async function trainAndRelease(ports: BatchPorts, data: TrainData): Promise<TrainOutcome[]> {
  const meters = await readEnrolled(ports.views)
  const lengths = [...new Set(meters.map((each) => each.intervalS))].sort((a, b) => a - b)
  const outcomes: TrainOutcome[] = []
  for (const intervalS of lengths) {
    const own = meters.filter((each) => each.intervalS === intervalS)
    const learnt = await learn(ports.views, { intervalS, meters: own, data })
    const isLearnt = typeof learnt !== 'string'
    outcomes.push(isLearnt ? await releaseIfBetter(ports, learnt) : untrained(intervalS, learnt))
  }
  return outcomes
}

type Learnt = {
  readonly intervalS: number
  readonly daySlots: number
  readonly series: readonly MeterSeries[]
  readonly trained: TrainForecastReturnType
}

/** The trained model, or a message why there is none, as is usual in a new installation. */
async function learn(
  views: Views,
  { intervalS, meters, data }: { intervalS: number; meters: readonly Meter[]; data: TrainData },
): Promise<Learnt | string> {
  try {
    if (!trainableS.includes(intervalS)) {
      throw new IntervalWithoutModelError({ intervalS, trainableS })
    }
    const daySlots = 86_400 / intervalS
    const series = await readSeries(views, meters, { intervalS, data })
    return { intervalS, daySlots, series, trained: await trainForecast({ series, daySlots }) }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return error.message
  }
}

/** Evaluates the file that would be released, in the runtime that would run it. */
async function releaseIfBetter(ports: BatchPorts, learnt: Learnt): Promise<TrainOutcome> {
  const { intervalS, series, trained } = learnt
  const bytes = encodeOnnx(trained.model)
  const startMs = series[0]!.startMs
  const createdMs = ports.clock.nowMs()
  const made = { bytes, trained, stepS: intervalS, startMs, meters: series.length, createdMs }
  const draft = makeCard({ ...made, test: unmeasured })
  const test = await measureModel(ports, { bytes, card: draft }, learnt)
  if (test.slots === 0) return untrained(intervalS, new NothingToTestError().message)
  const isRepeated = test.ratio === Number.POSITIVE_INFINITY
  if (isRepeated) return untrained(intervalS, new RepeatedWeekError().message)
  const card = makeCard({ ...made, test })
  await ports.models.put(bytes, card)

  const released = await ports.models.released(card.name)
  const { maeWh, naiveMaeWh, ratio } = test
  const figures = { ...noFigures, intervalS, modelId: card.id, maeWh, naiveMaeWh, ratio }
  if (released?.id === card.id) return { ...figures, outcome: 'unchanged' }
  const champion = released
    ? await measureModel(ports, await ports.models.get(released.id), learnt)
    : null
  // A model in use that cannot be evaluated for lack of history is not compared.
  const championRatio = champion && champion.slots > 0 ? champion.ratio : null
  try {
    decideRelease({ model: card.id, ratio, championRatio })
  } catch (error) {
    if (!(error instanceof ModelUnderperformingError)) throw error
    return { ...figures, championRatio, outcome: 'kept', reason: error.message }
  }
  await ports.models.release(card.name, card.id)
  return { ...figures, championRatio, outcome: 'released' }
}

const noFigures = {
  modelId: null,
  maeWh: null,
  naiveMaeWh: null,
  ratio: null,
  championRatio: null,
  reason: null,
}

function untrained(intervalS: number, reason: string): TrainOutcome {
  return { ...noFigures, intervalS, outcome: 'untrained', reason }
}

const unmeasured: ForecastError = {
  maeWh: Number.NaN,
  naiveMaeWh: Number.NaN,
  ratio: Number.NaN,
  slots: 0,
}

async function measureModel(
  { inference }: BatchPorts,
  model: { readonly bytes: Uint8Array; readonly card: ModelCard },
  { series, trained, daySlots }: Learnt,
): Promise<ForecastError> {
  const forecaster = await openForecaster(inference, model)
  try {
    const { lookBack, horizon, forecast } = forecaster
    const range = trained.split.test
    const bridgeSlots = Math.round(daySlots * bridgeShare)
    const options = { lookBack, horizon, forecast, daySlots, range, bridgeSlots }
    return (await evaluateForecast(series, options)).global
  } finally {
    await forecaster.close()
  }
}

/** Every meter with a history of its occupant's, on one grid that ends at the high-water mark. */
async function readSeries(
  views: Views,
  meters: readonly Meter[],
  { intervalS, data }: { intervalS: number; data: TrainData },
): Promise<MeterSeries[]> {
  const range = { startMs: data.highWaterMs - data.historyDays * dayMs, endMs: data.highWaterMs }
  const { occupiedFrom } = await readOccupancyStarts(views)
  const histories = new Map<Meter, readonly CountingReading[]>()
  for (const some of chunk(meters, metersAtOnce)) {
    const ids = some.map((each) => each.meter)
    const read = await readHistory(views, ids, { range })
    for (const meter of some) {
      const sinceMs = occupiedSince(occupiedFrom.get(meter.site), range.endMs)
      const readings = read.get(meter.meter) ?? []
      histories.set(
        meter,
        readings.filter(({ start_ms: ms }) => ms >= sinceMs),
      )
    }
  }
  const lived = [...histories].filter(([, readings]) => readings.length > 0)
  if (lived.length === 0) return []
  const firstMs = Math.min(...lived.map(([, readings]) => readings[0]!.start_ms))
  const stepMs = intervalS * 1000
  const slots = Math.floor((range.endMs - firstMs) / stepMs)
  const startMs = range.endMs - slots * stepMs
  return lived.map(([{ meter, kind }, readings]) => {
    const grid = { meter, readings, startMs, endMs: range.endMs, stepS: intervalS }
    return buildSeries({ ...grid, mayBeNegative: mayBeNegative(kind) }).series
  })
}
