import { afterAll, beforeAll, expect, test } from 'vitest'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { RowSetName } from '../../schemas/sql/rowSets.ts'
import {
  archive,
  highWaterMs,
  openStore,
  readings,
  run,
  type Store,
  viewOf,
} from '../testing/recomputeStores.ts'
import { sweepRuns } from './sweepRuns.ts'

/** What readers have of a generation while others are written, abandoned and swept. */
let server: Store['server']
let views: Views
let close: Store['close']
beforeAll(async () => {
  ;({ server, views, close } = await openStore())
  await archive(views, readings(0, 24))
  await run(views, {})
})
afterAll(() => close())

test('a run that is aborted anywhere changes nothing and is swept', async () => {
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

test('a replaced generation that is pinned can be read for its grace, then is gone', async () => {
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

test('a store killed in mid-publish has the previous generation or this one', async () => {
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
