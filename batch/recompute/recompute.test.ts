import { afterAll, beforeAll, expect, test } from 'vitest'
import { GenerationTakenError } from '../../schemas/errors/generation.ts'
import type { Views } from '../../schemas/ports/views.ts'
import {
  archive,
  dayMs,
  firstMs,
  highWaterMs,
  meters,
  openStore,
  readings,
  run,
  type Store,
  viewOf,
} from '../testing/recomputeStores.ts'

let stores: Store[]
beforeAll(async () => {
  stores = await Promise.all([openStore(), openStore()])
})
afterAll(() => Promise.all(stores.map((each) => each.close())))

test('recomputing only changed days gives the same rows as recomputing all', async () => {
  const [daily, atOnce] = stores.map(({ views }) => views) as [Views, Views]
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

test('of two publishers of one generation the first wins as a whole', async () => {
  const { views } = stores[0]!
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
  const { views } = stores[0]!
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

test('who moves in has nothing of the former occupant, and nobody else changes', async () => {
  const { views } = stores[1]!
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

async function flagsOf(views: Views, meter: string): Promise<string[]> {
  const range = { from_ms: highWaterMs, to_ms: highWaterMs + dayMs }
  const all = { ...range, group: '', after: '', limit: 1_000 }
  const rows = await views.query('forecast', { ...all, meter })
  return [...new Set(rows.map(({ flag }) => flag))]
}

/** Row sets with partitions of runs later than the published one. */
async function unpublishedRowSets(views: Views): Promise<string[]> {
  const [published] = await views.query('published_generation')
  const stored = await views.query('stored_partitions')
  const runOf = (partition: string) => BigInt(/(\d+)\)?$/.exec(partition)![1]!)
  const later = stored.filter(({ partition }) => runOf(partition) > BigInt(published!.run))
  return [...new Set(later.map((each) => each.row_set))].sort()
}
