import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { sweepLive } from './sweepLive.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2013, 0, 1)
const days = 100

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const starts = Array.from({ length: days }, (_, day) => firstMs + day * dayMs)
  const each = { version: 1, duration_s: 1800, is_exception: false, is_missing: false }
  const row = { ...each, meter: 'M', group_id: 'g', energy_mwh: 1 }
  await views.insert(
    'speed_deviation',
    starts.map((start) => ({ ...row, start })),
  )
  const sum = { group_id: 'g', version: 1, duration_s: 1800, members: 5, load_w: 1 }
  await views.insert(
    'speed_group',
    starts.map((start) => ({ ...sum, start })),
  )
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('live months are dropped once no generation in use leaves them to speed', async () => {
  expect(await sweepLive(views, { graceS: 0 })).toBe(0)
  await publish(1, Date.UTC(2013, 1, 2))
  // A group's interval may begin in January.
  expect(await sweepLive(views, { graceS: 0 })).toBe(0)
  await publish(2, Date.UTC(2013, 3, 3))
  // A reader has pinned the first.
  expect(await sweepLive(views, { graceS: 600 })).toBe(0)
  expect(await liveRows(1, Date.UTC(2013, 1, 2))).toBe(days - 32)

  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(await sweepLive(views, { graceS: 0 })).toBe(6)
  expect(await views.query('live_months')).toEqual([
    { row_set: 'speed_deviation', month: '201304' },
    { row_set: 'speed_group', month: '201304' },
  ])
  expect(await liveRows(2, Date.UTC(2013, 3, 3))).toBe(days - 92)
  expect(await sweepLive(views, { graceS: 0 })).toBe(0)
})

function publish(generation: number, high_water: number): Promise<void> {
  const none = { model_id: '', created: 0, inputs: '' }
  const row = { generation, run: generation, high_water, horizon: high_water, ...none }
  return views.insert('generations', [row])
}

/** What a reader sees of the live rows from a high-water mark on. */
async function liveRows(run: number, high_water_ms: number): Promise<number> {
  const range = { from_ms: firstMs, to_ms: firstMs + days * dayMs, limit: 1_000 }
  const asked = { ...range, run, high_water_ms, meter: '', group: '' }
  return (await views.query('merged_deviation', asked)).length
}
