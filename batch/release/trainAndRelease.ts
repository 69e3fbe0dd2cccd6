import { InvalidArgumentError, ModelUnderperformingError } from '../../schemas/errors.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { ModelCard } from '../../schemas/ports/models.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { evaluateForecast, type ForecastError } from '../backtest/evaluateForecast.ts'
import type { BatchPorts } from '../batchPorts.ts'
import { buildSeries, type CountingReading, type MeterSeries } from '../history/buildSeries.ts'
import { chunk, metersAtOnce, readHistory, readMeters } from '../history/readHistory.ts'
import type { SlotRange } from '../history/splitSegments.ts'
import type { TrainData } from '../jobs.ts'
import { bridgeShare, trainForecast } from '../training/trainForecast.ts'
import { decideRelease } from './decideRelease.ts'
import { encodeOnnx } from './encodeOnnx.ts'
import { makeCard } from './makeCard.ts'
import { openForecaster } from './openForecaster.ts'

/** What became of one interval length. */
export type TrainOutcome = {
  readonly intervalS: number
  /** `kept`: the model in use, or seasonal naive where there is none, goes on. */
  readonly outcome: 'released' | 'unchanged' | 'kept' | 'untrained'
  /** The trained model; null when there was too little to learn from. */
  readonly modelId: string | null
  readonly maeWh: number | null
  readonly naiveMaeWh: number | null
  readonly ratio: number | null
  readonly championRatio: number | null
  /** Why nothing was released, in a sentence. */
  readonly reason: string | null
}

/** Interval lengths whose windows a home's day-ahead model can be trained on. */
const trainableS = [900, 1800, 3600]
const dayMs = 86_400_000

/** Trains a day-ahead model for each interval length in use and releases those that are better. */
export async function trainAndRelease(ports: BatchPorts, data: TrainData): Promise<TrainOutcome[]> {
  const meters = await readMeters(ports.views)
  const lengths = [...new Set(meters.map((each) => each.intervalS))].sort((a, b) => a - b)
  const outcomes: TrainOutcome[] = []
  for (const intervalS of lengths) {
    const own = meters.filter((each) => each.intervalS === intervalS)
    try {
      outcomes.push(await trainInterval(ports, { intervalS, meters: own, data }))
    } catch (error) {
      // Too little history is the ordinary state of a new installation.
      if (!(error instanceof InvalidArgumentError)) throw error
      outcomes.push({ ...emptyOutcome, intervalS, outcome: 'untrained', reason: error.message })
    }
  }
  return outcomes
}

const emptyOutcome = {
  modelId: null,
  maeWh: null,
  naiveMaeWh: null,
  ratio: null,
  championRatio: null,
  reason: null,
}

async function trainInterval(
  ports: BatchPorts,
  { intervalS, meters, data }: { intervalS: number; meters: readonly Meter[]; data: TrainData },
): Promise<TrainOutcome> {
  if (!trainableS.includes(intervalS)) {
    throw new InvalidArgumentError(`Intervals of ${intervalS} s have no model of their own.`)
  }
  const daySlots = 86_400 / intervalS
  const series = await readSeries(ports.views, meters, { intervalS, data })
  const trained = await trainForecast({ series, daySlots })
  const bytes = encodeOnnx(trained.model)
  const startMs = series[0]!.startMs
  const made = { bytes, trained, stepS: intervalS, startMs, meters: series.length }
  const shapeCard = makeCard({ ...made, test: unmeasured, createdMs: ports.clock.nowMs() })
  // Measured is the file that would be released, in the runtime that would run it.
  const measure = { series, range: trained.split.test, daySlots }
  const test = await measureModel(ports, { bytes, card: shapeCard }, measure)
  const card = makeCard({ ...made, test, createdMs: shapeCard.createdMs })
  if (test.slots === 0) throw new InvalidArgumentError('The test range has nothing to compare.')
  await ports.models.put(bytes, card)

  const released = await ports.models.released(card.name)
  const { maeWh, naiveMaeWh, ratio } = test
  const figures = { ...emptyOutcome, intervalS, modelId: card.id, maeWh, naiveMaeWh, ratio }
  if (released?.id === card.id) return { ...figures, outcome: 'unchanged' }
  const champion = released
    ? await measureModel(ports, await ports.models.get(released.id), measure)
    : null
  // A champion that cannot be measured here, for want of history, has nothing to defend.
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

const unmeasured: ForecastError = {
  maeWh: Number.NaN,
  naiveMaeWh: Number.NaN,
  ratio: Number.NaN,
  slots: 0,
}

async function measureModel(
  { inference }: BatchPorts,
  model: { readonly bytes: Uint8Array; readonly card: ModelCard },
  on: { series: readonly MeterSeries[]; range: SlotRange; daySlots: number },
): Promise<ForecastError> {
  const forecaster = await openForecaster(inference, model)
  try {
    const { lookBack, horizon, forecast } = forecaster
    const { daySlots, range } = on
    const bridgeSlots = Math.round(daySlots * bridgeShare)
    const options = { lookBack, horizon, forecast, daySlots, range, bridgeSlots }
    return (await evaluateForecast(on.series, options)).global
  } finally {
    await forecaster.close()
  }
}

/** Every home that has a history, on one grid that ends at the mark. */
async function readSeries(
  views: Views,
  meters: readonly Meter[],
  { intervalS, data }: { intervalS: number; data: TrainData },
): Promise<MeterSeries[]> {
  const range = { startMs: data.highWaterMs - data.historyDays * dayMs, endMs: data.highWaterMs }
  const histories = new Map<Meter, readonly CountingReading[]>()
  for (const some of chunk(meters, metersAtOnce)) {
    const ids = some.map((each) => each.meter)
    const read = await readHistory(views, ids, range)
    for (const meter of some) histories.set(meter, read.get(meter.meter) ?? [])
  }
  const lived = [...histories].filter(([, readings]) => readings.length > 0)
  const firstMs = Math.min(...lived.map(([, readings]) => readings[0]!.start_ms))
  if (lived.length === 0) throw new InvalidArgumentError('No meter has any reading yet.')
  const stepMs = intervalS * 1000
  const slots = Math.floor((range.endMs - firstMs) / stepMs)
  const startMs = range.endMs - slots * stepMs
  return lived.map(([{ meter }, readings]) => {
    const grid = { meter, readings, startMs, endMs: range.endMs, stepS: intervalS }
    return buildSeries(grid).series
  })
}
