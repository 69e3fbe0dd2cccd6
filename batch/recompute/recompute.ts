import {
  GenerationToComeError,
  HighWaterMarkFallsError,
  NotStartOfDayError,
} from '../../schemas/errors/generation.ts'
import { type Generation, noGeneration } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import { type EpochMs, isoUtc, localDayOf } from '../../schemas/time.ts'
import type { BatchPorts } from '../jobs/batchPorts.ts'
import type { RecomputeData } from '../jobs/jobs.ts'
import type { Forecaster } from '../release/openForecaster.ts'
import { forecastHistoryDays } from './aheadRows.ts'
import { computeMeters } from './computeMeters.ts'
import { addCounts, noCounts, type RecomputeCounts } from './counts.ts'
import { type ManifestDay, manifestRows } from './manifest.ts'
import type { MetersTask } from './metersTask.ts'
import { planParts } from './planParts.ts'
import { makePlan, type Plan, planDays, type RecomputeOptions } from './planRun.ts'
import { publishGeneration } from './publishGeneration.ts'
import { recomputeDays, type Shards } from './recomputeDays.ts'
import { sweepLive } from './sweepLive.ts'
import { sweepRuns } from './sweepRuns.ts'

export type RecomputeReturnType = {
  /**
   * `superseded`: a generation for this high-water mark or a later one was already published, or
   * an operator holds it back;
   * `unchanged`: no day is dirty, and the published generation remains.
   */
  readonly outcome: 'published' | 'superseded' | 'unchanged'
  readonly generation: number
  readonly highWaterMs: EpochMs
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly counts: RecomputeCounts
}

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
  const published = (await readPublished(views)) ?? noGeneration
  const isReached = data.takesBack || published.highWaterMs >= highWaterMs
  // A job of the schedule that was asked for before the hold.
  const isHeldBack = isHeld(published) && published.highWaterMs < highWaterMs && data.hold === null
  if ((published.generation > data.after && isReached) || isHeldBack) {
    return keep(published, 'superseded')
  }
  checkOrder(published, data)
  const asked = { data, options, published }
  const planned = await planDays(ports, asked)
  const graceS = options.graceS ?? graceSDefault
  if (planned.isUnchanged) {
    await sweepRuns(views, { run: published.run, graceS })
    return keep(published, 'unchanged')
  }
  const plan = await makePlan(ports, planned, asked)
  let counts: RecomputeCounts
  try {
    counts = await writeRun(ports, plan, options.shards)
  } finally {
    for (const each of plan.forecasters.values()) await each.close()
    await options.shards?.stop()
  }
  const { generation, horizonMs } = plan
  const modelId = mainModelOf(plan.meters, plan.forecasters)
  const made = { generation, highWaterMs, horizonMs, modelId }
  const nowMs = ports.clock.nowMs()
  const heldSinceMs = heldSince(published, data, nowMs)
  const row = { ...made, run: plan.run, createdMs: nowMs, heldSinceMs }
  await publishGeneration(views, row, plan.inputs)
  await sweepRuns(views, { run: plan.run, graceS })
  await sweepLive(views, { graceS })
  return { outcome: 'published', ...made, counts }
}

function isHeld({ heldSinceMs }: Generation): boolean {
  return heldSinceMs !== null
}

/** A hold outlasts the generations of dirty days, until an operator lifts it. */
function heldSince(published: Generation, { hold }: RecomputeData, nowMs: EpochMs): EpochMs | null {
  if (hold === 'lift') return null
  return published.heldSinceMs ?? (hold === 'set' ? nowMs : null)
}

function keep(
  { generation, highWaterMs, horizonMs, modelId }: Generation,
  outcome: RecomputeReturnType['outcome'],
): RecomputeReturnType {
  return { outcome, generation, highWaterMs, horizonMs, modelId, counts: noCounts }
}

/**
 * @throws InvalidArgumentError for a high-water mark before the published one, or an unknown
 * predecessor.
 */
function checkOrder(published: Generation, data: RecomputeData): void {
  const { generation, highWaterMs } = published
  if (data.after > generation) {
    throw new GenerationToComeError({ after: data.after, newest: generation })
  }
  if (highWaterMs <= data.highWaterMs || data.takesBack) return
  throw new HighWaterMarkFallsError({
    generation,
    highWater: isoUtc(highWaterMs),
    asked: isoUtc(data.highWaterMs),
  })
}

/** Writes rows and sums of all dirty days, the days ahead, and the manifest. */
async function writeRun(
  { views }: BatchPorts,
  plan: Plan,
  shards: Shards | undefined,
): Promise<RecomputeCounts> {
  const { run, meters, dates, method, inputs, highWaterMs, rowsMax, openFromMs } = plan
  const { occupiedFrom } = plan
  const { forecasters, forecastEndMs } = plan
  const computeHere = (task: MetersTask) => computeMeters({ views, forecasters }, task)
  const given = {
    ...{ meters, occupiedFrom, run, method, inputs, highWaterMs, rowsMax, computeHere, shards },
  }
  const manifest = new Map(plan.manifest)
  let counts: RecomputeCounts = { ...noCounts, meters: meters.length, days: dates.length }
  const parts = partsOf(plan)
  for (const part of parts) {
    const ahead = part === parts.at(-1) ? { openFromMs, forecastEndMs } : null
    const { since, counts: more } = await recomputeDays(views, { ...given, part, ahead })
    const dirty = new Set(part.dates)
    for (const date of part.sumDates) {
      const own = dirty.has(date) ? (since.get(date) ?? date) : null
      manifest.set(date, dayOf(manifest.get(date), { run, date, since: own }))
    }
    counts = addCounts(counts, more)
  }
  await views.insert('manifest', manifestRows(run, manifest))
  return counts
}

function partsOf(plan: Plan) {
  const { meters, dates, method, inputs, highWaterMs } = plan
  const perDay = meters.reduce((sum, { intervalS }) => sum + dayMs / 1000 / intervalS, 0)
  const daysMax = Math.max(1, Math.min(daysAtOnce, Math.floor(readingsAtOnce / (perDay + 1))))
  // Then every interval, also of groups, is within a day.
  const isAligned = meters.every(({ zone, steps }) => {
    return zone === inputs.zone && steps.every(({ gridOffsetS }) => gridOffsetS === 0)
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
