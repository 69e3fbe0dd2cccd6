import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { chunk } from '../../schemas/chunk.ts'
import { type DeviationOptions, deviationDefaults } from '../../schemas/deviation/options.ts'
import { groupStartMs, groupStepS } from '../../schemas/deviation/sumGroup.ts'
import {
  GenerationToComeError,
  HighWaterMarkFallsError,
  NotStartOfDayError,
} from '../../schemas/errors/generation.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { addDays, type EpochMs, isoUtc, type LocalDay, localDayOf } from '../../schemas/time.ts'
import { type Histories, metersAtOnce, readHistory, readMeters } from '../archive/readHistory.ts'
import type { BatchPorts } from '../batchPorts.ts'
import { buildSeries } from '../history/buildSeries.ts'
import type { RecomputeData } from '../jobs.ts'
import { modelNameFor } from '../release/makeCard.ts'
import { type Forecaster, openForecaster } from '../release/openForecaster.ts'
import { baselineRows, dayBaselines, listDays } from './dayBaselines.ts'
import { forecastRows, naiveModel } from './forecastRows.ts'
import { publishGeneration, readPublished } from './publishGeneration.ts'
import { type WriteDaysParameters, writeDays } from './writeDays.ts'

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
  /** Sums of a group over an interval. */
  readonly groups: number
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
  /** As the speed layer has them, or the rows of the two differ. */
  readonly deviation?: Partial<DeviationOptions>
}

/** History is written so many days at a time, each time with what its baselines look back at. */
const blockDays = 60
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
  if (day.startMs !== highWaterMs) {
    throw new NotStartOfDayError({ highWater: isoUtc(highWaterMs), zone })
  }
  const method = baselineMethodNamed(data.method)
  const published = await readPublished(ports.views)
  if (published.generation > data.after && published.highWaterMs >= highWaterMs) {
    return { outcome: 'superseded', ...published, counts: emptyCounts }
  }
  checkOrder(published, data)
  const horizonMs = addDays(day, daysAhead, zone).startMs
  const generation = published.generation + 1
  const meters = await readMeters(ports.views)
  const forecasters = await openForecasters(ports, meters)
  const plan: Plan = {
    ...{ generation, highWaterMs, method, horizonMs, forecasters, forecastEndMs: day.endMs },
    excludedDates: new Set(data.excludedDates),
    holidays: new Set(data.holidays),
    options: { ...deviationDefaults, ...options.deviation },
    rowsMax: options.rowsMax,
    stepS: groupStepS(meters),
  }
  let counts = { ...emptyCounts, meters: meters.length }
  try {
    counts = { ...counts, ...(await writeHistory(ports.views, meters, plan)) }
    for (const some of chunk(meters, metersAtOnce)) {
      counts = addAhead(counts, await writeAhead(ports.views, some, plan))
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
  if (data.after > generation) {
    throw new GenerationToComeError({ after: data.after, newest: generation })
  }
  if (highWaterMs <= data.highWaterMs) return
  throw new HighWaterMarkFallsError({
    generation,
    highWater: isoUtc(highWaterMs),
    asked: isoUtc(data.highWaterMs),
  })
}

type Plan = Omit<WriteDaysParameters, 'meters' | 'range'> & {
  readonly horizonMs: EpochMs
  readonly forecastEndMs: EpochMs
  readonly forecasters: ReadonlyMap<number, Forecaster>
  /** The longest interval of any meter, s. */
  readonly stepS: number
}

const emptyCounts: RecomputeCounts = {
  meters: 0,
  deviations: 0,
  groups: 0,
  baselines: 0,
  forecasts: 0,
  naiveForecasts: 0,
  daysWithoutBaseline: 0,
}

/** All of the history, some weeks at a time: there may be years of it. */
async function writeHistory(
  views: Views,
  meters: readonly Meter[],
  plan: Plan,
): Promise<Pick<RecomputeCounts, 'deviations' | 'groups' | 'daysWithoutBaseline'>> {
  const { highWaterMs } = plan
  let counts = { deviations: 0, groups: 0, daysWithoutBaseline: 0 }
  const firstMs = await readFirstMs(views, meters, highWaterMs)
  for (let startMs = firstMs; startMs < highWaterMs; startMs += blockDays * dayMs) {
    const range = { startMs, endMs: Math.min(startMs + blockDays * dayMs, highWaterMs) }
    const written = await writeDays(views, { ...plan, meters, range })
    counts = {
      deviations: counts.deviations + written.deviations,
      groups: counts.groups + written.groups,
      daysWithoutBaseline: counts.daysWithoutBaseline + written.daysWithoutBaseline,
    }
  }
  return counts
}

/** An instant that no local day or group interval with a reading starts before. */
async function readFirstMs(
  views: Views,
  meters: readonly Meter[],
  endMs: EpochMs,
): Promise<EpochMs> {
  let firstMs = endMs
  for (const some of chunk(meters, metersAtOnce)) {
    const ids = some.map((each) => each.meter)
    const range = { from_ms: 0, to_ms: endMs }
    const days = await views.query('stored_by_day', { meters: ids, ...range })
    firstMs = Math.min(firstMs, days[0]?.day_ms ?? endMs)
  }
  return firstMs - dayMs
}

type AheadCounts = Pick<RecomputeCounts, 'baselines' | 'forecasts' | 'naiveForecasts'>

/** Baselines of the days ahead and of days the mark falls into, and forecasts. */
async function writeAhead(
  views: Views,
  meters: readonly Meter[],
  plan: Plan,
): Promise<AheadCounts> {
  const { generation, highWaterMs: endMs, method, rowsMax } = plan
  const daysBack = Math.max(method.lookBackDays + 3, forecastHistoryDays)
  const range = { startMs: Math.max(endMs - daysBack * dayMs, 0), endMs }
  const ids = meters.map((each) => each.meter)
  const histories = await readHistory(views, ids, { range, rowsMax })
  const baselines = meters.flatMap((meter) => {
    const readings = histories.get(meter.meter) ?? []
    const { slots } = dayBaselines({ ...plan, meter, readings, days: openDays(meter.zone, plan) })
    return baselineRows(slots, { meter, generation })
  })
  const forecasts = await forecastsOf(meters, histories, plan)
  await views.insert('batch_baseline', baselines)
  await views.insert('batch_forecast', forecasts)
  return {
    baselines: baselines.length,
    forecasts: forecasts.length,
    naiveForecasts: forecasts.filter((row) => row.model === naiveModel).length,
  }
}

/**
 * The local day the mark falls into and the next, whole; the day before too where the mark falls
 * into an interval that began in it.
 */
function openDays(zone: string, { highWaterMs, stepS }: Plan): LocalDay[] {
  const cutMs = groupStartMs(highWaterMs, Math.max(stepS, 1))
  const isCut = localDayOf(cutMs, zone).startMs < localDayOf(highWaterMs, zone).startMs
  return listDays(highWaterMs, zone, [isCut ? -1 : 0, daysAhead - 1])
}

async function forecastsOf(
  meters: readonly Meter[],
  histories: Histories,
  plan: Plan,
): Promise<InsertRow<'batch_forecast'>[]> {
  const rows: InsertRow<'batch_forecast'>[] = []
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

function addAhead(counts: RecomputeCounts, ahead: AheadCounts): RecomputeCounts {
  return {
    ...counts,
    baselines: counts.baselines + ahead.baselines,
    forecasts: counts.forecasts + ahead.forecasts,
    naiveForecasts: counts.naiveForecasts + ahead.naiveForecasts,
  }
}
