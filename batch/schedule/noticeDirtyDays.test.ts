import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { recompute } from '../recompute/recompute.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { type Noticed, noticeDirtyDays } from './noticeDirtyDays.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2013, 1, 1)
const highWaterMs = firstMs + 10 * dayMs
const nowMs = highWaterMs + 9 * 3_600_000
const archive = createTestArchive(highWaterMs)

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const rows = ['M0', 'M1'].map((meter) => {
    return { meter, version: 1, zone: 'UTC', groups: 'g', interval_s: 1800, account: '' }
  })
  await views.insert('meters', rows)
  // M1 is a week behind.
  await deliver('M0', 0, 10)
  await deliver('M1', 0, 3)
  expect(await publish()).toBe('published')
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('readings before the high-water mark make their days dirty, once each', async () => {
  let noticed = await look(null)
  expect([...noticed.dates]).toEqual([])
  expect(await stored()).toBeUndefined()

  await deliver('M0', 10, 11)
  noticed = await look(noticed)
  expect(noticed.dates.size).toBe(0)

  await deliver('M1', 3, 5)
  noticed = await look(noticed, nowMs + 1_000)
  await deliver('M1', 5, 6)
  await archive(views, drawn('not enrolled', 1, 2))
  noticed = await look(noticed, nowMs + 5_000)
  expect([...noticed.dates]).toEqual(['2013-02-04', '2013-02-05', '2013-02-06'])
  expect([...noticed.meters]).toEqual(['M1'])
  expect([noticed.sinceMs, noticed.latestMs]).toEqual([nowMs + 1_000, nowMs + 5_000])
  const { latestMs } = await look(noticed, nowMs + 9_000)
  expect(latestMs).toBe(nowMs + 5_000)
  expect(await stored()).toEqual({ days: 3, meters: 1, since_ms: nowMs + 1_000 })
  // Another process finds the same, and knows since when.
  const found = await look(null, nowMs + 60_000)
  expect(found).toEqual({ ...noticed, latestMs: nowMs + 60_000 })
})

test('a recompute at the same high-water mark shows them, and then has nothing to do', async () => {
  const before = await rowsOf('M1')
  expect(await publish()).toBe('published')
  expect(await rowsOf('M1')).toBe(before + 3 * 48)
  expect((await readPublished(views))!.highWaterMs).toBe(highWaterMs)
  expect((await look(null)).dates.size).toBe(0)
  expect(await stored()).toBeUndefined()

  const { generation } = (await readPublished(views))!
  expect(await publish()).toBe('unchanged')
  expect((await readPublished(views))!.generation).toBe(generation)
})

test('a day of an event is a reason to publish again, as are other meters', async () => {
  expect(await publish({ excludedDates: ['2013-02-05'] })).toBe('published')
  expect(await publish({ excludedDates: ['2013-02-05'] })).toBe('unchanged')
  const row = { zone: 'UTC', groups: 'g', interval_s: 1800, account: '', version: 2 }
  await views.insert('meters', [{ ...row, meter: 'M2' }])
  expect(await publish({ excludedDates: ['2013-02-05'] })).toBe('published')
})

async function look(known: Noticed | null, atMs = nowMs): Promise<Noticed> {
  const published = (await readPublished(views))!
  return noticeDirtyDays(views, known, { published, nowMs: atMs })
}

async function stored() {
  const { generation } = (await readPublished(views))!
  return (await views.query('dirty_days', { generation }))[0]
}

async function publish(asked: { excludedDates?: string[] } = {}) {
  const after = (await readPublished(views))?.generation ?? 0
  const job = recomputeJob({ highWaterMs, zone: 'UTC', after, ...asked })
  const ports = openTestBatchPorts(views)
  const done = recompute(ports, readRecomputeData(job.data), { graceS: 0 })
  return (await done.finally(() => ports.close())).outcome
}

async function rowsOf(meter: string): Promise<number> {
  const range = { from_ms: 0, to_ms: highWaterMs, group: '', limit: 100_000, meter }
  return (await views.query('merged_deviation', range)).length
}

function deliver(meter: string, fromDay: number, toDay: number): Promise<void> {
  return archive(views, drawn(meter, fromDay, toDay))
}

function drawn(meter: string, fromDay: number, toDay: number) {
  const [startMs, endMs] = [firstMs + fromDay * dayMs, firstMs + toDay * dayMs]
  return drawReadings({ meters: [meter], startMs, endMs, stepS: 1800 })
}
