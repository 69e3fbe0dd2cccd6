import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { recompute } from './recompute.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const highWaterMs = Date.UTC(2013, 1, 11)
const firstMs = highWaterMs - 8 * dayMs

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const row = { zone: 'UTC', account: '', version: 1 }
  await views.insert('meters', [
    { ...row, meter: 'A', groups: 'g', interval_s: 1800 },
    { ...row, meter: 'B', groups: 'g', interval_s: 3600 },
    { ...row, meter: 'C', groups: 'h', interval_s: 1800 },
  ])
  await createTestArchive(highWaterMs)(views, [
    ...readingsOf('A', 1800, 500_000),
    ...readingsOf('B', 3600, 1_000_000),
    ...readingsOf('C', 1800, 100_000),
  ])
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('the forecast of half-hourly and hourly meters is summed by the hour', async () => {
  const ports = openTestBatchPorts(views)
  const { data } = recomputeJob({ highWaterMs, zone: 'UTC', after: 0 })
  await recompute(ports, readRecomputeData(data), { graceS: 0 }).finally(() => ports.close())

  const range = { from_ms: highWaterMs, to_ms: highWaterMs + dayMs }
  const rowsOf = (group: string, limit = 100) =>
    views.query('view_group_forecast', { ...range, group, limit })
  const naive = { model: 'seasonal-naive', flag: expect.stringContaining('no-model') }
  const hours = Array.from({ length: 24 }, (_, hour) => highWaterMs + hour * hourMs)
  // A's last week: 500 Wh each half-hour; B's: 1000 Wh each hour.
  const mixed = { group_id: 'g', duration_s: 3600, members: 2, forecast_mwh: 2_000_000, ...naive }
  expect(await rowsOf('g')).toEqual(hours.map((start_ms) => ({ start_ms, ...mixed })))
  // All meters: C's 200 Wh an hour are added.
  const all = { ...mixed, group_id: 'all', members: 3, forecast_mwh: 2_200_000 }
  expect(await rowsOf('')).toEqual(hours.map((start_ms) => ({ start_ms, ...all })))
  expect(await rowsOf('h')).toHaveLength(48)
  expect(await rowsOf('h', 5)).toHaveLength(5)
  expect(await rowsOf('unknown')).toEqual([])
})

/** The same energy in every interval. */
function readingsOf(meter: string, stepS: number, energyMwh: number) {
  return drawReadings({ meters: [meter], startMs: firstMs, endMs: highWaterMs, stepS, energyMwh })
}
