import { expect } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { recompute } from '../recompute/recompute.ts'
import { createTestArchive, drawReadings } from './testArchive.ts'

export const dayMs = 86_400_000
export const firstMs = Date.UTC(2013, 1, 1)
export const highWaterMs = firstMs + 24 * dayMs
const zone = 'Europe/London'
/** Four zones; in Kathmandu, at 18:15 UTC, midnight falls into a half-hour. */
export const meters = ['Europe/London', 'Asia/Kathmandu', 'America/Los_Angeles', 'Pacific/Auckland']
  .flatMap((each) => [each, each])
  .map((each, index) => ({ meter: `M${index}`, zone: each, group: `g${index % 2}` }))

export const archive = createTestArchive(highWaterMs)

export type Store = {
  readonly server: TestClickHouse
  readonly views: Views
  close(): Promise<void>
}

/** A store of its own, in which the meters are enrolled. */
export async function openStore(): Promise<Store> {
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  await views.insert(
    'meters',
    meters.map(({ group, ...each }) => {
      return { ...each, version: 1, groups: group, interval_s: 1800, account: '' }
    }),
  )
  const close = async () => {
    await views.close()
    await server.stop()
  }
  return { server, views, close }
}

type Asked = { readonly highWaterMs?: number; readonly excludedDates?: string[] }

/** One recompute, after the published generation. */
export async function run(views: Views, asked: Asked, graceS = 0) {
  const [published] = await views.query('published_generation')
  const after = published?.generation ?? 0
  const job = recomputeJob({ highWaterMs, zone, after, ...asked })
  const ports = openTestBatchPorts(views)
  const done = recompute(ports, readRecomputeData(job.data), { graceS })
  return done.finally(() => ports.close())
}

/** All views of the published generation, or of one that the reader has pinned. */
export async function viewOf(views: Views, pinned?: { run: bigint; high_water_ms: number }) {
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
export function readings(fromDay: number, toDay: number, revision = 0) {
  const [startMs, endMs] = [firstMs + fromDay * dayMs, firstMs + toDay * dayMs]
  const names = meters.map(({ meter }) => meter)
  return drawReadings({ meters: names, startMs, endMs, stepS: 1800, revision })
}
