import { type BaselineMethod, baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { chunk } from '../../schemas/chunk.ts'
import { InvalidArgumentError, validateArgument } from '../../schemas/errors/wattproofError.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Row, Views } from '../../schemas/ports/views.ts'
import { addDays, type EpochMs, isoUtc, localDayOf } from '../../schemas/time.ts'
import type { BatchPorts } from '../batchPorts.ts'
import { buildSeries, type CountingReading } from '../history/buildSeries.ts'
import {
  type Histories,
  metersAtOnce,
  readHistory,
  readHistoryParts,
  readMeters,
} from '../history/readHistory.ts'
import type { RecomputeData } from '../jobs.ts'
import { modelNameFor } from '../release/makeCard.ts'
import { type Forecaster, openForecaster } from '../release/openForecaster.ts'
import { baselineRows, dayBaselines, listDays } from './dayBaselines.ts'
import { deviationRows } from './deviationRows.ts'
import { forecastRows, naiveModel } from './forecastRows.ts'
import { publishGeneration, readPublished } from './publishGeneration.ts'

export type RecomputeReturnType = {
  /** `superseded`: a generation for this mark or a later one was already there. */
  readonly outcome: 'published' | 'superseded'
  readonly generation: number
  readonly highWaterMs: EpochMs
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly counts: RecomputeCounts
}

export type RecomputeCounts = {
  readonly meters: number
  readonly deviations: number
  readonly baselines: number
  readonly forecasts: number
  /** Forecasts by last week repeated. */
  readonly naiveForecasts: number
  /** Meter days without an example day. */
  readonly daysWithoutBaseline: number
}

export type RecomputeOptions = {
  /** Versions one read of history is made from at most; a day is never cut. */
  readonly rowsMax?: number
}

/** Closed days that still get a baseline: the days people look at. */
const pastDays = 14
const daysAhead = 2
/** History a forecast is made from: the longest look-back, and a month of weeks to repeat. */
const forecastHistoryDays = 35
const dayMs = 86_400_000

/**
 * Writes a generation of the batch view whole, then publishes it with one row.
 *
 * A run that was killed left rows under a number nobody reads; the next run takes the same number
 * and writes them again. One at a time: see `batch/README.md`.
 *
 * @throws InvalidArgumentError when the mark is no start of a local day.
 */
export async function recompute(
  ports: BatchPorts,
  data: RecomputeData,
  options: RecomputeOptions = {},
): Promise<RecomputeReturnType> {
  const { highWaterMs, zone } = data
  const day = localDayOf(highWaterMs, zone)
  validateArgument(
    day.startMs === highWaterMs,
    `${isoUtc(highWaterMs)} is no start of a day in ${zone}.`,
  )
  const method = baselineMethodNamed(data.method)
  const published = await readPublished(ports.views)
  if (published.generation > data.after && published.highWaterMs >= highWaterMs) {
    return { outcome: 'superseded', ...published, counts: emptyCounts }
  }
  checkOrder(published, data)
  const horizonMs = addDays(day, daysAhead, zone).startMs
  const generation = published.generation + 1
  const plan = { ...data, ...options, method, generation, horizonMs, forecastEndMs: day.endMs }
  const meters = await readMeters(ports.views)
  const forecasters = await openForecasters(ports, meters)
  let counts = { ...emptyCounts, meters: meters.length }
  try {
    for (const some of chunk(meters, metersAtOnce)) {
      counts = addCounts(counts, await recomputeMeters(ports, some, { ...plan, forecasters }))
    }
  } finally {
    for (const each of forecasters.values()) await each.close()
  }
  const modelId = mainModelOf(meters, forecasters)
  const made = { generation, highWaterMs, horizonMs, modelId }
  await publishGeneration(ports.views, { ...made, createdMs: ports.clock.nowMs() })
  return { outcome: 'published', ...made, counts }
}

/** @throws InvalidArgumentError for a mark behind the published one, or a predecessor to come. */
function checkOrder(published: Omit<Generation, 'createdMs'>, data: RecomputeData): void {
  const { generation, highWaterMs } = published
  validateArgument(
    data.after <= generation,
    `Generation ${data.after} cannot be replaced: the newest is ${generation}.`,
  )
  if (highWaterMs <= data.highWaterMs) return
  throw new InvalidArgumentError(
    `Generation ${generation} stands at ${isoUtc(highWaterMs)}: the mark does not move back.`,
    { generation, highWaterMs, asked: data.highWaterMs },
  )
}

type Plan = Omit<RecomputeData, 'method'> &
  RecomputeOptions & {
    readonly method: BaselineMethod
    readonly generation: number
    readonly horizonMs: EpochMs
    readonly forecastEndMs: EpochMs
    readonly forecasters: ReadonlyMap<number, Forecaster>
  }

const emptyCounts: RecomputeCounts = {
  meters: 0,
  deviations: 0,
  baselines: 0,
  forecasts: 0,
  naiveForecasts: 0,
  daysWithoutBaseline: 0,
}

async function recomputeMeters(
  { views }: BatchPorts,
  meters: readonly Meter[],
  plan: Plan,
): Promise<Omit<RecomputeCounts, 'meters'>> {
  const older = await writeOlder(views, meters, plan)
  const ids = meters.map((each) => each.meter)
  const range = { startMs: recentMsOf(plan), endMs: plan.highWaterMs }
  const histories = await readHistory(views, ids, { range, rowsMax: plan.rowsMax })
  const deviations: Row[] = []
  const baselines: Row[] = []
  let daysWithoutBaseline = 0
  for (const meter of meters) {
    const readings = histories.get(meter.meter) ?? []
    const found = baselinesOf(meter, readings, plan)
    daysWithoutBaseline += found.daysWithout
    const { generation, highWaterMs: fromMs, horizonMs: toMs } = plan
    for (const row of deviationRows({ generation, meter, readings, baselines: found.slots })) {
      deviations.push(row)
    }
    baselines.push(...baselineRows(found.slots, { meter, generation, fromMs, toMs }))
  }
  const forecasts = await forecastsOf(meters, histories, plan)
  await views.insert('batch_deviation', deviations)
  await views.insert('batch_baseline', baselines)
  await views.insert('batch_forecast', forecasts)
  return {
    deviations: older + deviations.length,
    baselines: baselines.length,
    forecasts: forecasts.length,
    naiveForecasts: forecasts.filter((row) => row.model === naiveModel).length,
    daysWithoutBaseline,
  }
}

/**
 * The start of what baselines and forecasts look at. Before it no interval has a baseline, so its
 * row says the same whatever is beside it.
 */
function recentMsOf({ method, highWaterMs }: Plan): EpochMs {
  const daysBack = Math.max(pastDays + method.lookBackDays + 2, forecastHistoryDays)
  return Math.max(highWaterMs - daysBack * dayMs, 0)
}

/** Rows of the history before that, some at a time: there may be years of it. */
async function writeOlder(views: Views, meters: readonly Meter[], plan: Plan): Promise<number> {
  const { generation, rowsMax } = plan
  const ids = meters.map((each) => each.meter)
  const range = { startMs: 0, endMs: recentMsOf(plan) }
  let count = 0
  for await (const part of readHistoryParts(views, ids, { range, rowsMax })) {
    const rows = meters.flatMap((meter) => {
      const readings = part.get(meter.meter) ?? []
      return deviationRows({ generation, meter, readings, baselines: new Map() })
    })
    await views.insert('batch_deviation', rows)
    count += rows.length
  }
  return count
}

function baselinesOf(meter: Meter, readings: readonly CountingReading[], plan: Plan) {
  const { method, highWaterMs } = plan
  // A site in another zone is in the middle of its day at the mark: its day before counts too.
  const days = listDays(highWaterMs, meter.zone, [-pastDays, daysAhead])
  const wanted = days.filter((day) => day.startMs < plan.horizonMs)
  return dayBaselines({
    method,
    meter,
    readings,
    days: wanted,
    excludedDates: new Set(plan.excludedDates),
    holidays: new Set(plan.holidays),
  })
}

async function forecastsOf(
  meters: readonly Meter[],
  histories: Histories,
  plan: Plan,
): Promise<Row[]> {
  const rows: Row[] = []
  const endMs = plan.highWaterMs
  const startMs = endMs - forecastHistoryDays * dayMs
  for (const stepS of new Set(meters.map((each) => each.intervalS))) {
    const homes = meters
      .filter((each) => each.intervalS === stepS)
      .map((meter) => {
        const readings = histories.get(meter.meter) ?? []
        const built = buildSeries({ meter: meter.meter, readings, startMs, endMs, stepS })
        return { meter, series: built.series }
      })
    const forecaster = plan.forecasters.get(stepS) ?? null
    const { generation, forecastEndMs: toMs } = plan
    const given = { generation, stepS, fromMs: endMs, toMs, homes, forecaster }
    rows.push(...(await forecastRows(given)))
  }
  return rows
}

/** The released model of each interval length in use. */
async function openForecasters(
  { models, inference }: BatchPorts,
  meters: readonly Meter[],
): Promise<Map<number, Forecaster>> {
  const forecasters = new Map<number, Forecaster>()
  for (const stepS of new Set(meters.map((each) => each.intervalS))) {
    const card = await models.released(modelNameFor(stepS))
    if (!card) continue
    forecasters.set(stepS, await openForecaster(inference, await models.get(card.id)))
  }
  return forecasters
}

/** The model most meters are forecast by. */
function mainModelOf(
  meters: readonly Meter[],
  forecasters: ReadonlyMap<number, Forecaster>,
): string | null {
  const counts = [...forecasters].map(([stepS, { id }]) => {
    return { id, meters: meters.filter((each) => each.intervalS === stepS).length }
  })
  return counts.sort((left, right) => right.meters - left.meters)[0]?.id ?? null
}

function addCounts(left: RecomputeCounts, right: Omit<RecomputeCounts, 'meters'>): RecomputeCounts {
  return {
    meters: left.meters,
    deviations: left.deviations + right.deviations,
    baselines: left.baselines + right.baselines,
    forecasts: left.forecasts + right.forecasts,
    naiveForecasts: left.naiveForecasts + right.naiveForecasts,
    daysWithoutBaseline: left.daysWithoutBaseline + right.daysWithoutBaseline,
  }
}
