import { type BaselineMethod, baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { formulaVersion } from '../../schemas/deviation/formulaVersion.ts'
import { type DeviationOptions, deviationDefaults } from '../../schemas/deviation/options.ts'
import { groupStepsOf } from '../../schemas/deviation/sumGroup.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter.ts'
import { addDays, type EpochMs, localDayOf } from '../../schemas/time.ts'
import { readMeters } from '../archive/readHistory.ts'
import type { BatchPorts } from '../jobs/batchPorts.ts'
import type { RecomputeData } from '../jobs/jobs.ts'
import { modelNameFor } from '../release/makeCard.ts'
import { type Forecaster, openForecaster } from '../release/openForecaster.ts'
import { dirtyDays } from './dirtyDays.ts'
import { findChangedDays, readPlaces } from './findChangedDays.ts'
import { type GenerationInputs, readInputs } from './generationInputs.ts'
import { type Manifest, readManifest } from './manifest.ts'

export type RecomputeOptions = {
  /** Maximum number of versions per read of history; a day is never split. */
  readonly rowsMax?: number
  /** How long readers may use a generation after it was replaced. */
  readonly graceS?: number
  /** Must equal those of the speed layer, otherwise the rows of the two differ. */
  readonly deviation?: Partial<DeviationOptions>
}

export const daysAhead = 2

export type Plan = {
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

type Asked = { data: RecomputeData; options: RecomputeOptions; published: Generation }

/** Reads all inputs as they are now and decides which days a run computes. */
export async function makePlan(
  ports: BatchPorts,
  { data, options, published }: Asked,
): Promise<Plan> {
  const { views } = ports
  const { highWaterMs, zone, excludedDates, holidays } = data
  const method = baselineMethodNamed(data.method)
  const [{ run } = { run: 0n }] = await views.query('new_run')
  // Read before any reading: what is archived from here on makes its day dirty next time.
  const places = await readPlaces(views)
  const meters = await readMeters(views)
  const steps = groupStepsOf(meters)
  const inputs: GenerationInputs = {
    ...{ method: method.id, zone, excludedDates, holidays, ...places },
    formula: formulaVersion,
    deviation: { ...deviationDefaults, ...options.deviation },
    steps: [...steps],
  }
  const before = await readInputs(views, published.generation)
  const manifest: Manifest = before ? await readManifest(views, published.run) : new Map()
  const changed = await findChangedDays(views, { published, before, now: inputs, highWaterMs })
  const day = localDayOf(highWaterMs, zone)
  return {
    ...{ published, run, method, inputs, meters, manifest, highWaterMs, rowsMax: options.rowsMax },
    dates: dirtyDays({ method, manifest, changed, before: before ?? inputs, now: inputs }),
    generation: published.generation + 1,
    stepS: Math.max(0, ...steps.values()),
    horizonMs: addDays(day, daysAhead, zone).startMs,
    forecastEndMs: day.endMs,
    forecasters: await openForecasters(ports, meters),
  }
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
