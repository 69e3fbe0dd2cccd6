import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../deploy/engines/clock/systemClock.ts'
import { openOnnxInference } from '../deploy/engines/inference/onnxInference.ts'
import { openFolderModels } from '../deploy/engines/models/folderModels.ts'
import { openClickHouseViews } from '../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../deploy/testing/testClickHouse.ts'
import { InvalidArgumentError, RetryableError } from '../schemas/errors/wattproofError.ts'
import type { Views } from '../schemas/ports/views.ts'
import { statedColumns } from '../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../schemas/sql/rowSets.ts'
import { makeHandlers } from './handlers.ts'
import type { BatchPorts } from './jobs/batchPorts.ts'
import { readRecomputeData, recomputeJob, trainJob } from './jobs/jobs.ts'
import { recompute as recomputeWith } from './recompute/recompute.ts'

const dayMs = 86_400_000
const stepMs = 1_800_000
const zone = 'Europe/London'
const highWaterMs = Date.UTC(2013, 1, 11)
const sites = readSites()

let server: TestClickHouse
let views: Views
let dir: string
let ports: BatchPorts

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-models-'))
  const models = openFolderModels(dir)
  ports = { views, models, inference: openOnnxInference(), clock: systemClock() }
  await views.insert(
    'meters',
    sites.map((site) => meterRow(site.meter)),
  )
  await views.insert('readings', sites.flatMap(readingRows))
  await archive(10_000)
})
afterAll(async () => {
  await views.close()
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

test("before any training the forecast is last week's, with a flag", async () => {
  const result = await recompute({ highWaterMs: highWaterMs - dayMs })

  expect(result).toMatchObject({ outcome: 'published', generation: 1, modelId: null })
  expect(result.counts).toMatchObject({ forecasts: 52 * 48, naiveForecasts: 52 * 48 })
})

test('trains on real meters, releases the better model, and does not repeat it', async () => {
  const first = await train()

  expect(first).toMatchObject({ outcome: 'released', intervalS: 1800, championRatio: null })
  // Measured 0.847, through the exported file and onnxruntime.
  expect(first!.ratio).toBeLessThan(0.86)
  expect(await train()).toMatchObject({ outcome: 'unchanged', modelId: first!.modelId })
  const card = await ports.models.released('load-day-ahead-1800s')
  expect(card!.split.test).toEqual(['2013-02-03T00:00:00.000Z', '2013-02-11T00:00:00.000Z'])
})

test('a generation is published by its last row, with the days that changed', async () => {
  const before = await published()
  await expect(recompute({}, stopBefore('generations'))).rejects.toThrow(RetryableError)
  expect(await published()).toEqual(before)

  const result = await recompute({})

  // The previous generation ends at the midnight before, so one day is new.
  const passed = sites.flatMap(readingRows).filter(isOfLastDay)
  expect(result).toMatchObject({ outcome: 'published', generation: 2, highWaterMs })
  expect(result.horizonMs).toBe(highWaterMs + 2 * dayMs)
  expect(result.counts).toEqual({
    meters: 52,
    days: 1,
    deviations: passed.length,
    groups: 48,
    baselines: 52 * 2 * 48,
    forecasts: 52 * 48,
    naiveForecasts: expect.any(Number),
    daysWithoutBaseline: 0,
  })
  expect(result.counts.naiveForecasts).toBeLessThan(10 * 48)
  expect(await published()).toMatchObject({ generation: 2, highWaterMs })
})

test('readers see the published generation, within its range', async () => {
  const range = { from_ms: 0, to_ms: highWaterMs * 2 }
  const [pointer] = await views.query('published_generation')
  const { run } = pointer!
  const all = { ...range, meter: '', group: '', limit: 10_000 }
  const baselines = await views.query('view_baseline', { ...all, run })
  const forecasts = await views.query('forecast', all)
  const starts = (rows: readonly { start_ms: number }[]) => rows.map((row) => row.start_ms)

  expect(await views.query('view_baseline', { ...all, run: 1 })).toEqual([])
  expect(Math.min(...starts(baselines))).toBe(highWaterMs)
  expect(Math.max(...starts(baselines))).toBe(highWaterMs + 2 * dayMs - stepMs)
  expect(Math.max(...starts(forecasts))).toBe(highWaterMs + dayMs - stepMs)
  expect(forecasts).toHaveLength(52 * 48)
})

test('the forecast has a smaller error than last week', async () => {
  const range = { from_ms: highWaterMs, to_ms: highWaterMs + dayMs }
  const forecasts = await views.query('forecast', { ...range, meter: '', group: '', limit: 10_000 })
  let model = 0
  let naive = 0
  for (const row of forecasts) {
    const site = sites.find((each) => each.meter === row.meter)!
    const slot = Math.round((row.start_ms - site.startMs) / stepMs)
    const metered = site.energyMwh[slot]
    const lastWeek = site.energyMwh[slot - 7 * 48]
    if (metered == null || lastWeek == null) continue
    model += Math.abs(row.forecast_mwh - metered)
    naive += Math.abs(lastWeek - metered)
  }

  expect(model / naive).toBeLessThan(0.95)
})

test('a repeated job changes nothing; without a dirty day nothing is replaced', async () => {
  expect(await recompute({})).toMatchObject({ outcome: 'superseded', generation: 2 })
  const before = await deviationsOfADay()

  const again = await recompute({ after: 2 })

  expect(again).toMatchObject({ outcome: 'unchanged', generation: 2 })
  expect(await deviationsOfADay()).toEqual(before)
  expect(before).toHaveLength(sites.flatMap(readingRows).filter(isOfLastDay).length)
  expect(before.every((row) => row.baseline_mwh !== null)).toBe(true)
})

test('history of any length, read some days at a time, gives the same generation', async () => {
  const [site] = sites
  const all = { meter: site!.meter, group: '', limit: 50_000 }
  const lately = { ...all, from_ms: site!.startMs, to_ms: highWaterMs }
  const before = await views.query('merged_deviation', lately)
  // Four days of last summer.
  const summer = { ...site!, startMs: site!.startMs - 200 * dayMs }
  const rows = readingRows({ ...summer, energyMwh: site!.energyMwh.slice(0, 4 * 48) })
  const old = rows.map((row) => ({ ...row, log_offset: Number(row.log_offset) + 10_000 }))
  await views.insert('readings', old)
  await archive(20_000)
  const sizes: number[] = []
  const query: Views['query'] = async (name, ...given) => {
    const rows = await views.query(name, ...given)
    if (name === 'counting_readings') sizes.push(rows.length)
    return rows
  }
  const data = readRecomputeData(recomputeJob({ highWaterMs, zone, after: 2 }).data)
  const counting = { ...ports, views: { ...views, query } }
  // 25 meters of 48 half-hours are 1,200 readings a day: four days at a time.
  const result = await recomputeWith(counting, data, { rowsMax: 5_000 })

  expect(result).toMatchObject({ outcome: 'published', generation: 3 })
  expect(result.counts.deviations).toBe(old.length)
  expect(await views.query('merged_deviation', lately)).toEqual(before)
  const then = { ...all, from_ms: 0, to_ms: site!.startMs }
  const oldRows = await views.query('merged_deviation', then)
  expect(oldRows.map((row) => row.start_ms)).toEqual(old.map((row) => row.start))
  // Saturday to Tuesday have no like day; Wednesday, which began at 23:00 UTC, has Monday.
  const known = oldRows.map((row) => row.baseline_mwh !== null)
  expect(known).toEqual(old.map((_, index) => index >= 4 * 48 - 2))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000)
  // 35 days, four at a time, for each of two lots of 25 meters; the lot of two is one read.
  expect(sizes.length).toBeGreaterThanOrEqual(2 * 9 + 1)
})

test('a high-water mark off midnight or before the published one is refused', async () => {
  await expect(recompute({ highWaterMs: highWaterMs + stepMs })).rejects.toThrow(
    InvalidArgumentError,
  )
  const back = { highWaterMs: highWaterMs - 3 * dayMs, after: 3 }
  await expect(recompute(back)).rejects.toThrow('does not move back')
  await expect(makeHandlers(ports).handle({ name: 'dance', id: 'x', data: {} })).rejects.toThrow(
    'There is no batch job named dance.',
  )
})

test('without a model for an interval, or without history, training says why', async () => {
  await views.insert('meters', [{ ...meterRow('five-minutes'), interval_s: 300 }])
  const early = trainJob({ highWaterMs: Date.UTC(2012, 0, 1) })
  const { models } = (await makeHandlers(ports).handle(early)) as { models: TrainResult }
  expect(models).toMatchObject([
    {
      ...{ intervalS: 300, outcome: 'untrained', modelId: null },
      reason: 'Intervals of 300 s have no model; those of 900, 1800, 3600 s have one.',
    },
    {
      ...{ intervalS: 1800, outcome: 'untrained', modelId: null },
      reason: expect.stringContaining('at least five days of readings, not 0'),
    },
  ])
})

function isOfLastDay(row: { readonly start: number }): boolean {
  return row.start >= highWaterMs - dayMs && row.start < highWaterMs
}

/** Records that everything before a log offset is in the master data set. */
async function archive(next_offset: number): Promise<void> {
  const progress = { log_partition: 0, next_offset, max_end: highWaterMs, read_at: highWaterMs }
  await views.insert('archive_progress', [progress])
}

type RecomputeResult = Awaited<ReturnType<typeof import('./recompute/recompute.ts').recompute>>
type TrainResult = Awaited<
  ReturnType<typeof import('./release/trainAndRelease.ts').trainAndRelease>
>

async function recompute(
  asked: { highWaterMs?: number; after?: number },
  on: BatchPorts = ports,
): Promise<RecomputeResult> {
  const job = recomputeJob({ highWaterMs, zone, ...asked })
  return (await makeHandlers(on).handle(job)) as RecomputeResult
}

async function train() {
  const result = await makeHandlers(ports).handle(trainJob({ highWaterMs }))
  return (result as { models: TrainResult }).models[0]
}

async function published() {
  return (await views.query('published_generation'))[0]
}

async function deviationsOfADay() {
  const day = { from_ms: highWaterMs - dayMs, to_ms: highWaterMs }
  return views.query('merged_deviation', { ...day, meter: '', group: '', limit: 10_000 })
}

/** The real store, failing just before it would insert into a row set. */
function stopBefore(rowSet: string): BatchPorts {
  const insert: Views['insert'] = async (name, rows) => {
    if (name === rowSet) throw new RetryableError('Stopped.')
    await views.insert(name, rows)
  }
  return { ...ports, views: { ...views, insert } }
}

type Site = { meter: string; startMs: number; energyMwh: (number | null)[] }

function readSites(): Site[] {
  const file = new URL('../deploy/simulate/london/kwh_halfhour_wide.csv.gz', import.meta.url)
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  const [header = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  // Winter in London: local time is UTC.
  const startMs = Date.parse(`${rows[0]![0]!.replace(' ', 'T')}Z`)
  return header.slice(1).map((meter, site) => ({
    meter,
    startMs,
    energyMwh: rows.map((row) => (row[site + 1] ? Math.round(Number(row[site + 1]) * 1e6) : null)),
  }))
}

function readingRows(site: Site): InsertRow<'readings'>[] {
  return site.energyMwh.flatMap((energy, slot) => {
    if (energy === null) return []
    return [
      {
        meter: site.meter,
        start: site.startMs + slot * stepMs,
        quality: 2,
        revision: 0,
        energy_mwh: energy,
        power_w: null,
        ...statedColumns,
        reactive_var: null,
        duration_s: 1800,
        log_partition: 0,
        log_offset: slot,
        log_index: 0,
      },
    ]
  })
}

function meterRow(meter: string): InsertRow<'meters'> {
  return { meter, version: 1, zone, groups: 'london', interval_s: 1800, account: '' }
}
