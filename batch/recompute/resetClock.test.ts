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
const highWaterMs = Date.UTC(2013, 1, 11, 5)

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const row = { groups: 'g', interval_s: 3600, account: '', version: 1 }
  await views.insert('meters', [
    { ...row, meter: 'A', zone: 'America/New_York' },
    { ...row, meter: 'B', zone: 'Europe/London' },
    { ...row, meter: 'C', zone: 'America/New_York' },
  ])
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('readings of 1970 in the store stop no generation', async () => {
  const archive = createTestArchive(highWaterMs)
  const hours = (meter: string, startMs: number, count: number) =>
    drawReadings({ meters: [meter], startMs, endMs: startMs + count * hourMs, stepS: 3600 })
  const week = highWaterMs - 7 * dayMs
  await archive(views, [
    // 19:00 to 23:00 on 31 December 1969 in New York, and the days after.
    ...hours('A', 0, 40),
    ...hours('B', 0, 3),
    ...hours('A', week, 7 * 24),
  ])
  expect(await run(0)).toMatchObject({ outcome: 'published', generation: 1 })
  const range = { from_ms: 0, to_ms: highWaterMs, meter: 'A', group: '', limit: 1_000 }
  const starts = (await views.query('merged_deviation', range)).map(({ start_ms }) => start_ms)
  expect(starts.filter((ms) => ms < dayMs)[0]).toBe(5 * hourMs)
  expect(starts.filter((ms) => ms >= week)).toHaveLength(7 * 24)

  // One more of a date that no table takes, and nothing else.
  await archive(views, hours('C', 0, 1))
  expect(await run(1)).toMatchObject({ counts: { days: 0 } })
})

async function run(after: number) {
  const ports = openTestBatchPorts(views)
  const { data } = recomputeJob({ highWaterMs, zone: 'America/New_York', after })
  return recompute(ports, readRecomputeData(data), { graceS: 0 }).finally(() => ports.close())
}
