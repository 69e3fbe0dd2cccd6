import { type BaselineMethod, baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { type DeviationOptions, deviationDefaults } from '../../schemas/deviation/options.ts'
import { groupStartMs, groupStepS } from '../../schemas/deviation/sumGroup.ts'
import {
  GenerationToComeError,
  HighWaterMarkFallsError,
  NotStartOfDayError,
} from '../../schemas/errors/generation.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import {
  addDays,
  type EpochMs,
  isoUtc,
  type LocalDay,
  localDayNamed,
  localDayOf,
} from '../../schemas/time.ts'
import { type Histories, readMeters } from '../archive/readHistory.ts'
import type { BatchPorts } from '../batchPorts.ts'
import { buildSeries } from '../history/buildSeries.ts'
import type { RecomputeData } from '../jobs.ts'
import { modelNameFor } from '../release/makeCard.ts'
import { type Forecaster, openForecaster } from '../release/openForecaster.ts'
import { baselineRows, listDays } from './dayBaselines.ts'
import { dirtyDays } from './dirtyDays.ts'
import { findChangedDays, readPlaces } from './findChangedDays.ts'
import { forecastRows, naiveModel } from './forecastRows.ts'
import { type GenerationInputs, readInputs } from './generationInputs.ts'
import { type Manifest, type ManifestDay, manifestRows, readManifest } from './manifest.ts'
import { planParts } from './planParts.ts'
import { publishGeneration, readPublished } from './publishGeneration.ts'
import { type MetersDone, recomputeDays } from './recomputeDays.ts'
import { sweepRuns } from './sweepRuns.ts'

export type RecomputeReturnType = {
  /** `superseded`: a generation for this high-water mark or a later one was already published. */
  readonly outcome: 'published' | 'superseded'
  readonly generation: number
  readonly highWaterMs: EpochMs
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly counts: RecomputeCounts
}

export type RecomputeCounts = {
  readonly meters: number
  /** Local days recomputed: those whose inputs changed. */
  readonly days: number
  readonly deviations: number
  /** Sums of a group over an interval. */
  readonly groups: number
  readonly baselines: number
  readonly forecasts: number
  /** Forecasts by seasonal naive. */
  readonly naiveForecasts: number
  /** Of those, meter days without a like day. */
  readonly daysWithoutBaseline: number
}

export type RecomputeOptions = {
  /** Maximum number of versions per read of history; a day is never split. */
  readonly rowsMax?: number
  /** How long readers may use a generation after it was replaced. */
  readonly graceS?: number
  /** Must equal those of the speed layer, otherwise the rows of the two differ. */
  readonly deviation?: Partial<DeviationOptions>
}

const daysAhead = 2
/** History of a forecast: the longest look-back, and four weeks for seasonal naive. */
const forecastHistoryDays = 35
const dayMs = 86_400_000
/** Maximum readings in memory at once, and days even if they have few readings. */
const readingsAtOnce = 400_000
const daysAtOnce = 28
const graceSDefault = 600

/**
 * Computes the days whose inputs changed since the published generation, and publishes a manifest
 * of these and the unchanged days.
 *
 * It writes the rows, then the manifest, then one row that publishes. Each attempt has its own run
 * number, so a killed run leaves rows that nobody reads, and the next sweep drops them.
 *
 * @throws NotStartOfDayError for any other high-water mark.
 * @throws GenerationTakenError when another run has published in the meantime.
 */
export async function recompute(
  ports: BatchPorts,
  data: RecomputeData,
  options: RecomputeOptions = {},
): Promise<RecomputeReturnType> {
  const { views } = ports
  const { highWaterMs, zone } = data
  const day = localDayOf(highWaterMs, zone)
  if (day.startMs !== highWaterMs) {
    throw new NotStartOfDayError({ highWater: isoUtc(highWaterMs), zone })
  }
  const published = await readPublished(views)
  if (published.generation > data.after && published.highWaterMs >= highWaterMs) {
    const { generation, horizonMs, modelId } = published
    const stands = { generation, highWaterMs: published.highWaterMs, horizonMs, modelId }
    return { outcome: 'superseded', ...stands, counts: emptyCounts }
  }
  checkOrder(published, data)
  const plan = await makePlan(ports, { data, options, published })
  let counts: RecomputeCounts
  try {
    counts = await writeRun(ports, plan)
  } finally {
    for (const each of plan.forecasters.values()) await each.close()
  }
  const { generation, horizonMs } = plan
  const modelId = mainModelOf(plan.meters, plan.forecasters)
  const made = { generation, highWaterMs, horizonMs, modelId }
  const row = { ...made, run: plan.run, createdMs: ports.clock.nowMs() }
  await publishGeneration(views, row, plan.inputs)
  await sweepRuns(views, { run: plan.run, graceS: options.graceS ?? graceSDefault })
  return { outcome: 'published', ...made, counts }
}

/** @throws InvalidArgumentError for a mark before the published one, or an unknown predecessor. */
function checkOrder(published: Generation, data: RecomputeData): void {
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

type Plan = {
  readonly rowsMax: number | undefined
  readonly published: Generation
  readonly generation: number
  readonly run: bigint
  readonly method: BaselineMethod
  readonly inputs: GenerationInputs
  /** The longest interval of any meter, s. */
  readonly stepS: number
  readonly meters: readonly Meter[]
  /** Of the published generation. */
  readonly manifest: Manifest
  readonly dates: readonly string[]
  readonly highWaterMs: EpochMs
  readonly horizonMs: EpochMs
  readonly forecastEndMs: EpochMs
  readonly forecasters: ReadonlyMap<number, Forecaster>
}

const emptyCounts: RecomputeCounts = {
  meters: 0,
  days: 0,
  deviations: 0,
  groups: 0,
  baselines: 0,
  forecasts: 0,
  naiveForecasts: 0,
  daysWithoutBaseline: 0,
}

type Asked = { data: RecomputeData; options: RecomputeOptions; published: Generation }

async function makePlan(ports: BatchPorts, { data, options, published }: Asked): Promise<Plan> {
  const { views } = ports
  const { highWaterMs, zone, excludedDates, holidays } = data
  const method = baselineMethodNamed(data.method)
  const [{ run } = { run: 0n }] = await views.query('new_run')
  // Read before any reading: what is archived from here on makes its day dirty next time.
  const places = await readPlaces(views)
  const meters = await readMeters(views)
  const inputs: GenerationInputs = {
    ...{ method: method.id, zone, excludedDates, holidays, ...places },
    deviation: { ...deviationDefaults, ...options.deviation },
    steps: stepsOf(meters),
  }
  const before = await readInputs(views, published.generation)
  const manifest: Manifest = before ? await readManifest(views, published.run) : new Map()
  const changed = await findChangedDays(views, { published, before, now: inputs, highWaterMs })
  const day = localDayOf(highWaterMs, zone)
  return {
    ...{ published, run, method, inputs, meters, manifest, highWaterMs, rowsMax: options.rowsMax },
    dates: dirtyDays({ method, manifest, changed, before: before ?? inputs, now: inputs }),
    generation: published.generation + 1,
    stepS: groupStepS(meters),
    horizonMs: addDays(day, daysAhead, zone).startMs,
    forecastEndMs: day.endMs,
    forecasters: await openForecasters(ports, meters),
  }
}

function stepsOf(meters: readonly Meter[]): Record<string, number> {
  const steps: Record<string, number> = {}
  for (const { group, intervalS } of meters) {
    steps[group] = Math.max(steps[group] ?? 0, intervalS)
  }
  return steps
}

/** Writes rows and sums of all dirty days, the days ahead, and the manifest. */
async function writeRun({ views }: BatchPorts, plan: Plan): Promise<RecomputeCounts> {
  const { run, meters, dates, method, inputs, highWaterMs, rowsMax } = plan
  const given = {
    ...{ meters, run, method, highWaterMs, rowsMax, zone: inputs.zone, options: inputs.deviation },
    excludedDates: new Set(inputs.excludedDates),
    holidays: new Set(inputs.holidays),
  }
  const ahead: Ahead = { baselines: [], forecasts: [] }
  const manifest = new Map(plan.manifest)
  let counts = { ...emptyCounts, meters: meters.length, days: dates.length }
  const parts = partsOf(plan)
  for (const part of parts) {
    const isLast = part === parts.at(-1)
    const more = isLast ? writingAhead(plan, ahead) : {}
    const done = await recomputeDays(views, { ...given, part, ...more })
    const dirty = new Set(part.dates)
    for (const date of part.sumDates) {
      const since = dirty.has(date) ? (done.since.get(date) ?? date) : null
      manifest.set(date, dayOf(manifest.get(date), { run, date, since }))
    }
    counts = {
      ...counts,
      deviations: counts.deviations + done.deviations,
      groups: counts.groups + done.groups,
      daysWithoutBaseline: counts.daysWithoutBaseline + done.daysWithoutBaseline,
    }
  }
  await views.insert('batch_baseline', ahead.baselines)
  await views.insert('batch_forecast', ahead.forecasts)
  await views.insert('manifest', manifestRows(run, manifest))
  return {
    ...counts,
    baselines: ahead.baselines.length,
    forecasts: ahead.forecasts.length,
    naiveForecasts: ahead.forecasts.filter((row) => row.model === naiveModel).length,
  }
}

function partsOf(plan: Plan) {
  const { meters, dates, method, inputs, highWaterMs, stepS } = plan
  const perDay = meters.reduce((sum, { intervalS }) => sum + dayMs / 1000 / intervalS, 0)
  const daysMax = Math.max(1, Math.min(daysAtOnce, Math.floor(readingsAtOnce / (perDay + 1))))
  const stepMs = Math.max(stepS, 1) * 1000
  const isAligned =
    meters.every(({ zone }) => zone === inputs.zone) &&
    dates.every((date) => {
      const { startMs, endMs } = localDayNamed(date, inputs.zone)
      return startMs % stepMs === 0 && endMs % stepMs === 0
    })
  const recentDays = forecastHistoryDays
  return planParts({ dates, isAligned, method, calendar: inputs, highWaterMs, recentDays, daysMax })
}

/** @param done `since` is null for a day with only its sums written. */
function dayOf(
  before: ManifestDay | undefined,
  { run, date, since }: { run: bigint; date: string; since: string | null },
): ManifestDay {
  if (since !== null) return { rowsRun: run, sumsRun: run, since }
  return { rowsRun: before?.rowsRun ?? run, sumsRun: run, since: before?.since ?? date }
}

type Ahead = {
  readonly baselines: InsertRow<'batch_baseline'>[]
  readonly forecasts: InsertRow<'batch_forecast'>[]
}

/** Baselines and forecasts of the days ahead, from the history that the last part has read. */
function writingAhead(plan: Plan, to: Ahead) {
  const { run } = plan
  return {
    ahead: (meter: Meter) => openDays(meter.zone, plan),
    async onMeters({ meters, histories, baselines }: MetersDone) {
      for (const meter of meters) {
        const days = openDays(meter.zone, plan)
        const [startMs, endMs] = [days[0]!.startMs, days.at(-1)!.endMs]
        const { slots } = baselines.get(meter.meter)!
        const open = [...slots].filter(([ms]) => startMs <= ms && ms < endMs)
        for (const row of baselineRows(new Map(open), { meter, run })) to.baselines.push(row)
      }
      for (const row of await forecastsOf(meters, histories, plan)) to.forecasts.push(row)
    },
  }
}

/**
 * The local day that contains the high-water mark and the next one; also the previous day if the
 * mark is within an interval that began in it.
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
    const sites = meters
      .filter((each) => each.intervalS === stepS)
      .map((meter) => {
        const readings = histories.get(meter.meter) ?? []
        const built = buildSeries({ meter: meter.meter, readings, startMs, endMs, stepS })
        return { meter, series: built.series }
      })
    const forecaster = plan.forecasters.get(stepS) ?? null
    const { run, forecastEndMs: toMs } = plan
    rows.push(...(await forecastRows({ run, stepS, fromMs: endMs, toMs, sites, forecaster })))
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

/** The model used for most meters. */
function mainModelOf(
  meters: readonly Meter[],
  forecasters: ReadonlyMap<number, Forecaster>,
): string | null {
  const counts = [...forecasters].map(([stepS, { id }]) => {
    return { id, meters: meters.filter((each) => each.intervalS === stepS).length }
  })
  return counts.sort((left, right) => right.meters - left.meters)[0]?.id ?? null
}
