import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeShards } from '../../../batch/handlers.ts'
import { readRecomputeData, recomputeJob } from '../../../batch/jobs/jobs.ts'
import { recompute } from '../../../batch/recompute/recompute.ts'
import { createTestArchive, drawReadings } from '../../../batch/testing/testArchive.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { engineArgs } from '../../testing/engineArgs.ts'
import { openTestBatchPorts } from '../../testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { openClickHouseViews } from '../views/clickhouseViews.ts'
import { makeProcessPool } from './processPool.ts'

const dayMs = 86_400_000
const highWaterMs = Date.UTC(2013, 1, 11)
/** The processes are those of an installation; they read its address from their environment. */
let module: URL
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-shards-'))
const meters = Array.from({ length: 9 }, (_, index) => `M${index}`)

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  module = pathToFileURL((await engineArgs('deploy/layers/batchWorker.ts')).at(-1)!)
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  vi.stubEnv('VIEWS_URL', server.url)
  vi.stubEnv('WATTPROOF_DIR', dir)
  const rows = meters.map((meter, index) => {
    const interval_s = [1800, 900, 3600][index % 3]!
    return { meter, version: 1, zone: 'UTC', groups: `g${index % 2}`, interval_s, account: '' }
  })
  await views.insert('meters', rows)
  const archive = createTestArchive(highWaterMs)
  for (const [index, { interval_s: stepS }] of rows.entries()) {
    const startMs = highWaterMs - 6 * dayMs
    const own = { meters: [meters[index]!], startMs, endMs: highWaterMs, stepS, revision: index }
    await archive(views, drawReadings(own))
  }
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await views?.close()
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('one, two and three processes write the same rows, to the bit', {
  timeout: 300_000,
}, async () => {
  const one = await rowsOfRun(1)
  expect(one.rows.length).toBeGreaterThan(9 * 5 * 24)
  expect(one.forecasts.length).toBeGreaterThan(0)
  expect(await rowsOfRun(2)).toEqual(one)
  expect(await rowsOfRun(3)).toEqual(one)
})

/** All that a run writes that never publishes, so that each has everything to do. */
async function rowsOfRun(count: number) {
  let run = 0n
  const insert: Views['insert'] = async (name, rows, options) => {
    if (name === 'manifest') run = BigInt((rows as unknown as [{ run: bigint }])[0].run)
    if (name === 'generations') throw new Error('held')
    await views.insert(name, rows, options)
  }
  const ports = openTestBatchPorts({ ...views, insert })
  const shards = makeShards(makeProcessPool(count, module))
  const { data } = recomputeJob({ highWaterMs, zone: 'UTC', after: 0 })
  // At most two meters a task.
  const done = recompute(ports, readRecomputeData(data), { shards, rowsMax: 600 })
  await expect(done.finally(() => ports.close())).rejects.toThrow('held')
  const range = { from_ms: 0, to_ms: highWaterMs + 2 * dayMs, group: '', limit: 50_000 }
  const pinned = { ...range, run, high_water_ms: highWaterMs }
  return {
    rows: await views.query('merged_deviation', { ...pinned, meter: '' }),
    groups: await views.query('merged_group', pinned),
    baselines: await views.query('view_baseline', { ...range, run, meter: '' }),
    forecasts: await views.query('forecast', { ...range, run, meter: '' }),
    ofGroups: await views.query('view_group_forecast', { ...range, run }),
  }
}
