import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { GenerationTakenError } from '../../schemas/errors/generation.ts'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { RowSetName } from '../../schemas/sql/rowSets.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { recompute } from './recompute.ts'
import { sweepRuns } from './sweepRuns.ts'

const dayMs = 86_400_000
const zone = 'Europe/London'
const firstMs = Date.UTC(2013, 1, 1)
const highWaterMs = firstMs + 24 * dayMs
/** Four zones; in Kathmandu, at 18:15 UTC, midnight falls into a half-hour. */
const meters = ['Europe/London', 'Asia/Kathmandu', 'America/Los_Angeles', 'Pacific/Auckland']
  .flatMap((each) => [each, each])
  .map((each, index) => ({ meter: `M${index}`, zone: each, group: `g${index % 2}` }))

const archive = createTestArchive(highWaterMs)

let servers: TestClickHouse[]
let stores: Views[]
beforeAll(async () => {
  servers = await Promise.all([startTestClickHouse(), startTestClickHouse()])
  stores = await Promise.all(servers.map(({ url }) => openClickHouseViews({ url })))
  for (const views of stores) {
    await views.insert(
      'meters',
      meters.map(({ group, ...each }) => {
        return { ...each, version: 1, groups: group, interval_s: 1800, account: '' }
      }),
    )
  }
})
afterAll(async () => {
  for (const views of stores) await views.close()
  for (const server of servers) await server.stop()
})

test('recomputing only changed days gives the same rows as recomputing all', async () => {
  const [daily, atOnce] = stores as [Views, Views]
  const whole = readings(0, 24)
  // Two Saturdays and a Sunday. The first is the earliest of the four days that the last use.
  const late = [...readings(8, 10, 2), ...readings(15, 16, 2)]
  const isMissing = ({ start }: { start: number }) => start >= firstMs + 12 * dayMs + dayMs / 2
  await archive(
    daily,
    readings(0, 13).filter((row) => !isMissing(row)),
  )
  const first = await run(daily, { highWaterMs: firstMs + 13 * dayMs })
  expect(first.counts.days).toBeGreaterThan(13)
  await archive(
    daily,
    whole.filter((row) => isMissing(row) && row.start < highWaterMs),
  )
  await run(daily, { highWaterMs: firstMs + 20 * dayMs })
  await run(daily, { excludedDates: ['2013-02-14'] })
  await archive(daily, late)
  const last = await run(daily, { excludedDates: ['2013-02-14'] })

  await archive(atOnce, [...whole, ...late])
  await run(atOnce, { excludedDates: ['2013-02-14'] })

  expect(await viewOf(daily)).toEqual(await viewOf(atOnce))
  // Saturday 9, Sunday 10 and Saturday 16, and the days that depend on them.
  expect(last.counts.days).toBeLessThan(24)
  expect(last.counts.deviations).toBeLessThan(24 * 48 * meters.length)
})

test('a run that is aborted anywhere changes nothing and is swept', async () => {
  const [views] = stores as [Views]
  const before = await viewOf(views)
  const rowSets = [
    ...['batch_deviation', 'batch_group', 'batch_baseline', 'batch_group_forecast'],
    ...['manifest', 'generations'],
  ]
  await archive(views, readings(20, 21, 3))
  for (const rowSet of rowSets as RowSetName[]) {
    const insert: Views['insert'] = async (name, rows, options) => {
      if (name === rowSet) throw new RetryableError('Killed.')
      await views.insert(name, rows, options)
    }
    await expect(run({ ...views, insert }, {})).rejects.toThrow('Killed.')
    expect(await viewOf(views), rowSet).toEqual(before)
  }
  const stray = (await views.query('stored_partitions')).length
  await run(views, {})
  expect(await viewOf(views)).not.toEqual(before)
  expect((await views.query('stored_partitions')).length).toBeLessThan(stray)
})

test('of two publishers of one generation the first wins as a whole', async () => {
  const [views] = stores as [Views]
  await archive(views, readings(21, 22, 4))
  let waiting = 0
  let go = () => {}
  const both = new Promise<void>((resolve) => {
    go = resolve
  })
  const insert: Views['insert'] = async (name, rows, options) => {
    if (name === 'generations') {
      waiting += 1
      if (waiting === 2) go()
      await both
    }
    await views.insert(name, rows, options)
  }
  const held = { ...views, insert }
  const results = await Promise.allSettled([run(held, {}), run(held, {})])

  const refused = results.filter((each) => each.status === 'rejected')
  expect(refused).toHaveLength(1)
  expect(refused[0]!.reason).toBeInstanceOf(GenerationTakenError)
  const [published] = await views.query('published_generation')
  const named = await views.query('generation_inputs', { generation: published!.generation })
  expect(named).toHaveLength(1)
  const after = await viewOf(views)
  // The next sweep drops what the loser wrote, and keeps what counts.
  await run(views, {})
  expect(await viewOf(views)).toEqual(after)
})

test('a sweep leaves the rows of a later run in progress, which then publishes', async () => {
  const [views] = stores as [Views]
  const before = await viewOf(views)
  await archive(views, readings(20, 21, 5))
  let sweptNow = () => {}
  const swept = new Promise<void>((resolve) => {
    sweptNow = resolve
  })
  let later: Promise<unknown> = swept
  // Once the first is published and before it sweeps, another run writes all its rows.
  const insert: Views['insert'] = async (name, rows, options) => {
    await views.insert(name, rows, options)
    if (name !== 'generations') return
    await archive(views, readings(21, 22, 6))
    await new Promise<void>((written) => {
      const held: Views['insert'] = async (each, ...given) => {
        if (each === 'generations') written()
        if (each === 'generations') await swept
        await views.insert(each, ...given)
      }
      later = run({ ...views, insert: held }, {})
    })
  }
  await run({ ...views, insert }, {})
  const rowSets = await unpublishedRowSets(views)
  sweptNow()
  await later

  const rowsOfRuns = ['baseline', 'deviation', 'forecast', 'group', 'group_forecast']
  expect(rowSets).toEqual([...rowsOfRuns.map((each) => `batch_${each}`), 'manifest'])
  const after = await viewOf(views)
  expect(after.rows).toHaveLength(before.rows.length)
  expect(after).not.toEqual(before)
})

test('a replaced generation that is pinned can be read for its grace, then is gone', async () => {
  const [views] = stores as [Views]
  const [pinned] = await views.query('published_generation')
  const asPinned = { run: pinned!.run, high_water_ms: pinned!.highWaterMs }
  const before = await viewOf(views, asPinned)
  expect(before).toEqual(await viewOf(views))
  // Two generations follow: it is kept for its own grace, not only as the last one's forerunner.
  for (const revision of [7, 8]) {
    await archive(views, readings(20, 21, revision))
    await run(views, {}, 3_600)
  }
  const [published] = await views.query('published_generation')
  expect(published!.generation).toBe(pinned!.generation + 2)
  const after = await viewOf(views)
  expect(after).not.toEqual(before)
  expect(await viewOf(views, asPinned)).toEqual(before)

  // The store's clock is one of whole seconds: a grace of none ends with the next one.
  const range = { from_ms: 0, to_ms: highWaterMs, group: '', meter: '', limit: 1 }
  const isGone = async () => {
    await sweepRuns(views, { run: BigInt(published!.run), graceS: 0 })
    return (await views.query('merged_deviation', { ...range, ...asPinned })).length === 0
  }
  await expect.poll(isGone, { timeout: 60_000 }).toBe(true)
  expect(await viewOf(views)).toEqual(after)
})

test('who moves in has nothing of the former occupant, and nobody else changes', async () => {
  const [, views] = stores as [Views, Views]
  const before = await viewOf(views)
  expect(await flagsOf(views, 'M0')).toEqual(['no-model'])
  const start = firstMs + 20 * dayMs
  await views.insert('occupancies', [{ site: 'M0', start, version: 1, account: '' }])
  const done = await run(views, { excludedDates: ['2013-02-14'] })
  expect(done.counts.days).toBeGreaterThan(0)
  const after = await viewOf(views)
  const isOther = ({ meter }: { meter: string }) => meter !== 'M0'
  expect(after.rows.filter(isOther)).toEqual(before.rows.filter(isOther))
  const own = (view: typeof after) => view.rows.filter((row) => !isOther(row))
  const isFormer = (row: { start_ms: number }) => row.start_ms < start
  expect(own(after).filter(isFormer)).toEqual(own(before).filter(isFormer))
  // Thursday, the first day: there is no day to compare it with. Before, there were ten.
  const ofFirst = (row: { start_ms: number }) =>
    start <= row.start_ms && row.start_ms < start + dayMs
  expect(
    new Set(
      own(before)
        .filter(ofFirst)
        .map((row) => row.baseline_mwh),
    ),
  ).not.toContain(null)
  expect(
    new Set(
      own(after)
        .filter(ofFirst)
        .map((row) => row.baseline_mwh),
    ),
  ).toEqual(new Set([null]))
  // Four days are a short history; the other meters have 24.
  expect(await flagsOf(views, 'M0')).toEqual(['no-model,short-history'])
  expect(await flagsOf(views, 'M1')).toEqual(['no-model'])
  const again = await run(views, { excludedDates: ['2013-02-14'] })
  expect(again.counts.days).toBe(0)
})

test('a store killed in mid-publish has the previous generation or this one', async () => {
  const [views] = stores as [Views]
  const [server] = servers as [TestClickHouse]
  for (const [index, rowSet] of (['batch_deviation', 'generations'] as const).entries()) {
    const old = await viewOf(views)
    await archive(views, readings(22, 23, 5 + index))
    const insert: Views['insert'] = async (name, rows, options) => {
      const inserting = views.insert(name, rows, options)
      if (name === rowSet) await Promise.allSettled([inserting, server.kill()])
      if (name === rowSet) await server.restart()
      await inserting
    }
    const [result] = await Promise.allSettled([run({ ...views, insert }, {})])
    if (result!.status === 'rejected') expect(result!.reason).toBeInstanceOf(RetryableError)
    const seen = await viewOf(views)
    if (result!.status === 'rejected') expect(seen, rowSet).toEqual(old)
    else expect(seen, rowSet).not.toEqual(old)
    if (result!.status === 'rejected') await run(views, {})
    expect(await viewOf(views), rowSet).not.toEqual(old)
  }
})

async function flagsOf(views: Views, meter: string): Promise<string[]> {
  const range = { from_ms: highWaterMs, to_ms: highWaterMs + dayMs }
  const all = { ...range, group: '', after: '', limit: 1_000 }
  const rows = await views.query('forecast', { ...all, meter })
  return [...new Set(rows.map(({ flag }) => flag))]
}

type Asked = { readonly highWaterMs?: number; readonly excludedDates?: string[] }

async function run(views: Views, asked: Asked, graceS = 0) {
  const [published] = await views.query('published_generation')
  const after = published?.generation ?? 0
  const job = recomputeJob({ highWaterMs, zone, after, ...asked })
  const ports = openTestBatchPorts(views)
  const done = recompute(ports, readRecomputeData(job.data), { graceS })
  return done.finally(() => ports.close())
}

/** Row sets with partitions of runs later than the published one. */
async function unpublishedRowSets(views: Views): Promise<string[]> {
  const [published] = await views.query('published_generation')
  const stored = await views.query('stored_partitions')
  const runOf = (partition: string) => BigInt(/(\d+)\)?$/.exec(partition)![1]!)
  const later = stored.filter(({ partition }) => runOf(partition) > BigInt(published!.run))
  return [...new Set(later.map((each) => each.row_set))].sort()
}

/** All views of the published generation, or of one that the reader has pinned. */
async function viewOf(views: Views, pinned?: { run: bigint; high_water_ms: number }) {
  const range = { from_ms: 0, to_ms: highWaterMs + 2 * dayMs, group: '', limit: 100_000 }
  const merged = { ...range, ...pinned }
  const rows = await views.query('merged_deviation', { ...merged, meter: '' })
  expect(rows.length).toBeGreaterThan(0)
  expect(new Set(rows.map((row) => `${row.meter} ${row.start_ms}`)).size).toBe(rows.length)
  const groups = await views.query('merged_group', merged)
  const ofRun = { ...range, ...(pinned ? { run: pinned.run } : {}) }
  const forecasts = await views.query('view_group_forecast', ofRun)
  const ahead = await views.query('view_baseline', { ...ofRun, meter: '' })
  return { rows, groups, forecasts, ahead }
}

/** Half-hours of all meters from one day of UTC to another; each revision has other values. */
function readings(fromDay: number, toDay: number, revision = 0) {
  const [startMs, endMs] = [firstMs + fromDay * dayMs, firstMs + toDay * dayMs]
  const names = meters.map(({ meter }) => meter)
  return drawReadings({ meters: names, startMs, endMs, stepS: 1800, revision })
}
