import { type BaselineMethod, baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { formulaVersion } from '../../schemas/deviation/formulaVersion.ts'
import { planGroups } from '../../schemas/deviation/groupPlan.ts'
import { type DeviationOptions, deviationDefaults } from '../../schemas/deviation/options.ts'
import type { Generation } from '../../schemas/generation.ts'
import { earliestStart } from '../../schemas/meter/grid.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { isStoredDate } from '../../schemas/sql/storedDates.ts'
import { addDays, type EpochMs, localDayNamed, localDayOf } from '../../schemas/time.ts'
import { type OccupiedFrom, readOccupancyStarts } from '../archive/occupiedFrom.ts'
import type { BatchPorts } from '../jobs/batchPorts.ts'
import type { RecomputeData } from '../jobs/jobs.ts'
import { modelNameFor } from '../release/makeCard.ts'
import { type Forecaster, openForecaster } from '../release/openForecaster.ts'
import { daysAhead } from './aheadRows.ts'
import { dirtyDays } from './dirtyDays.ts'
import { findChangedDays, readPlaces } from './findChangedDays.ts'
import { areSameInputs, type GenerationInputs, readInputs } from './generationInputs.ts'
import { type Manifest, readManifest } from './manifest.ts'
import type { Shards } from './recomputeDays.ts'

export type RecomputeOptions = {
  /** Other processes to compute in; without them, all is computed in this one. */
  readonly shards?: Shards | undefined
  /** Maximum number of versions per read of history; a day is never split. */
  readonly rowsMax?: number
  /** How long readers may use a generation after it was replaced. */
  readonly graceS?: number
  /** Must equal those of the speed layer, otherwise the rows of the two differ. */
  readonly deviation?: Partial<DeviationOptions>
}

/** What a run would compute, by what is stored now. */
export type PlannedDays = {
  readonly method: BaselineMethod
  readonly inputs: GenerationInputs
  readonly meters: readonly Meter[]
  readonly occupiedFrom: OccupiedFrom
  /** The manifest of the published generation. */
  readonly manifest: Manifest
  /** Local days to compute, in order. */
  readonly dates: readonly string[]
  /** Whether the published generation is already what a run would publish. */
  readonly isUnchanged: boolean
}

export type Plan = PlannedDays & {
  readonly rowsMax: number | undefined
  readonly published: Generation
  readonly generation: number
  readonly run: bigint
  /** The earliest start of any interval, also of groups, that contains the high-water mark. */
  readonly openFromMs: EpochMs
  readonly highWaterMs: EpochMs
  readonly horizonMs: EpochMs
  readonly forecastEndMs: EpochMs
  readonly forecasters: ReadonlyMap<number, Forecaster>
}

export type PlanDaysParameters = {
  readonly data: RecomputeData
  readonly options: RecomputeOptions
  readonly published: Generation
}

/** Reads all inputs as they are now and decides which days a run computes. */
export async function planDays(
  { views, models }: Pick<BatchPorts, 'views' | 'models'>,
  { data, options, published }: PlanDaysParameters,
): Promise<PlannedDays> {
  const { highWaterMs, zone, excludedDates, holidays } = data
  const method = baselineMethodNamed(data.method)
  // Read before any reading: what is archived from here on makes its day dirty next time.
  const places = await readPlaces(views)
  const occupancies = await readOccupancyStarts(views)
  const meters = [...(await readEnrolled(views))].sort(compareSites)
  const inputs: GenerationInputs = {
    ...{ method: method.id, zone, excludedDates, holidays, ...places },
    formula: formulaVersion,
    occupanciesVersion: occupancies.version,
    deviation: { ...deviationDefaults, ...options.deviation },
    grids: [...planGroups(meters)].map(([group, { grid }]) => [group, grid]),
    models: await releasedModels(models, meters),
  }
  const before = await readInputs(views, published.generation)
  const known: Manifest = before ? await readManifest(views, published.run) : new Map()
  // A high-water mark that was taken back keeps no day after it.
  const manifest = new Map([...known].filter(([date]) => mayBeginBefore(date, highWaterMs)))
  const moved = occupancies.changedSince(before?.occupanciesVersion ?? 0)
  const movedMeters = meters.filter(({ site }) => moved.has(site)).map(({ meter }) => meter)
  const asked = { published, before, now: inputs, highWaterMs, movedMeters }
  const changed = await findChangedDays(views, asked)
  const dirty = dirtyDays({ method, manifest, changed, before: before ?? inputs, now: inputs })
  const dates = dirty.filter(isStoredDate)
  const isAlike = before !== null && areSameInputs(before, inputs)
  const isUnchanged = isAlike && published.highWaterMs === highWaterMs && dates.length === 0
  const { occupiedFrom } = occupancies
  return { method, inputs, meters, occupiedFrom, manifest, dates, isUnchanged }
}

/** By site and id, as sums add them. */
function compareSites(left: Meter, right: Meter): number {
  if (left.site !== right.site) return left.site < right.site ? -1 : 1
  return left.meter < right.meter ? -1 : 1
}

/** Whether the date begins before an instant in some zone; none is more than 14 h ahead of UTC. */
function mayBeginBefore(date: string, ms: EpochMs): boolean {
  return localDayNamed(date, 'UTC').startMs - 14 * 3_600_000 < ms
}

/** A run of the planned days, with its number and the models to forecast with. */
export async function makePlan(
  ports: BatchPorts,
  planned: PlannedDays,
  { data, options, published }: PlanDaysParameters,
): Promise<Plan> {
  const { highWaterMs, zone } = data
  const [{ run } = { run: 0n }] = await ports.views.query('new_run')
  const day = localDayOf(highWaterMs, zone)
  const grids = planned.inputs.grids.map(([, grid]) => grid)
  return {
    ...planned,
    ...{ published, run, highWaterMs, rowsMax: options.rowsMax },
    generation: published.generation + 1,
    openFromMs: earliestStart([...planned.meters, ...grids], highWaterMs),
    horizonMs: addDays(day, daysAhead, zone).startMs,
    forecastEndMs: day.endMs,
    forecasters: await openForecasters(ports, planned.inputs),
  }
}

/** The released model of each interval length in use. */
async function releasedModels(
  models: BatchPorts['models'],
  meters: readonly Meter[],
): Promise<GenerationInputs['models']> {
  const steps = [...new Set(meters.map((each) => each.intervalS))]
  const released: [number, string][] = []
  for (const stepS of steps.sort((left, right) => left - right)) {
    const card = await models.released(modelNameFor(stepS))
    if (card) released.push([stepS, card.id])
  }
  return released
}

export async function openForecasters(
  { models, inference }: Pick<BatchPorts, 'models' | 'inference'>,
  inputs: GenerationInputs,
): Promise<Map<number, Forecaster>> {
  const forecasters = new Map<number, Forecaster>()
  for (const [stepS, id] of inputs.models) {
    forecasters.set(stepS, await openForecaster(inference, await models.get(id)))
  }
  return forecasters
}
