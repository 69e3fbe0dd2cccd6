import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { recompute } from './recompute.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2013, 0, 7)
const missingMs = Date.UTC(2013, 1, 6)
const restatedMs = Date.UTC(2013, 1, 13)
const highWaterMs = Date.UTC(2013, 2, 25)

let servers: TestClickHouse[]
let stores: Views[]
beforeAll(async () => {
  servers = await Promise.all([startTestClickHouse(), startTestClickHouse()])
  stores = await Promise.all(servers.map(({ url }) => openClickHouseViews({ url })))
  const meter = { meter: 'M', zone: 'UTC', groups: 'g', interval_s: 1800, account: '' }
  for (const views of stores) await views.insert('meters', [{ ...meter, version: 1 }])
})
afterAll(async () => {
  for (const views of stores) await views.close()
  for (const server of servers) await server.stop()
})

test('a restated day whose pool misses a day gives the same rows as a full recompute', async () => {
  const [daily, atOnce] = stores as [Views, Views]
  const days = Array.from(
    { length: (highWaterMs - firstMs) / dayMs },
    (_, day) => firstMs + day * dayMs,
  )
  const whole = days.filter((ms) => ms !== missingMs).flatMap((ms) => dayOf(ms))
  const late = dayOf(restatedMs, 1).slice(40)
  await archive(daily, whole)
  await run(daily)
  await archive(daily, late)
  const { counts } = await run(daily)
  await archive(atOnce, [...whole, ...late])
  await run(atOnce)

  expect(counts.days).toBeLessThan(20)
  // The tenth day back is Monday 28 January, whose morning is not in the first read.
  const pool = [11, 8, 7, 5, 4, 1, 0, -1, -2, -3].map((date) => Date.UTC(2013, 1, date))
  const energies = pool.map((ms) => dayOf(ms)[0]!.energy_mwh)
  const mean = energies.reduce((sum, each) => sum + each, 0) / 10
  const rows = await rowsOf(daily)
  expect(rows.find((row) => row.start_ms === restatedMs)?.baseline_mwh).toBe(mean)
  expect(rows).toEqual(await rowsOf(atOnce))
})

function run(views: Views) {
  const ports = openTestBatchPorts(views)
  return views
    .query('published_generation')
    .then(([published]) => {
      const after = published?.generation ?? 0
      const { data } = recomputeJob({ highWaterMs, zone: 'UTC', after })
      return recompute(ports, readRecomputeData(data), { graceS: 0 })
    })
    .finally(() => ports.close())
}

function rowsOf(views: Views) {
  const range = { from_ms: firstMs, to_ms: highWaterMs, meter: '', group: '', limit: 100_000 }
  return views.query('merged_deviation', range)
}

let offset = 0
async function archive(views: Views, rows: readonly ReturnType<typeof dayOf>[number][]) {
  await views.insert(
    'readings',
    rows.map((row) => ({ ...row, log_offset: offset++ })),
  )
  const progress = {
    log_partition: 0,
    next_offset: offset,
    max_end: highWaterMs,
    read_at: highWaterMs,
  }
  await views.insert('archive_progress', [progress])
}

/**
 * Half-hours of a day; every day has another energy. A revision changes it by so much that the mean
 * of ten days changes by more than it is rounded.
 */
function dayOf(ms: number, revision = 0) {
  return Array.from({ length: 48 }, (_, slot) => ({
    ...{ meter: 'M', start: ms + slot * 1_800_000, quality: 2, revision, duration_s: 1800 },
    energy_mwh: 100_000 + 1_000 * (((ms / dayMs) ** 2 + slot) % 97) + revision * 100_000,
    ...{
      power_w: null,
      ...statedColumns,
      reactive_var: null,
      log_partition: 0,
      log_offset: 0,
      log_index: 0,
    },
  }))
}
