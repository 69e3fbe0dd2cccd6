import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeHandlers } from '../../batch/handlers.ts'
import { createTestArchive, drawReadings } from '../../batch/testing/testArchive.ts'
import type { Job, Jobs } from '../../schemas/ports/jobs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { startJob } from './startJob.ts'

const dayMs = 86_400_000
const highWaterMs = Date.UTC(2013, 1, 11)
const archive = createTestArchive(highWaterMs)

let server: TestClickHouse
let views: Views
let ports: ReturnType<typeof openTestBatchPorts>
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  ports = openTestBatchPorts(views)
  const row = { meter: 'M0', version: 1, zone: 'UTC', group_id: 'g', interval_s: 1800, account: '' }
  await views.insert('meters', [row])
  await deliver(-3, 0)
})
afterAll(async () => {
  ports?.close()
  await views?.close()
  await server?.stop()
})

/** Jobs as the queue keeps them: one of each id. */
const added = new Map<string, Job>()
const jobs = { add: async (job: Job) => void added.set(job.id, job) } as Jobs
beforeEach(() => added.clear())

test('a published high-water mark is computed again for readings that came since', async () => {
  expect((await start()).id).toBe(`recompute-${highWaterMs}-after-0`)
  expect(await work()).toMatchObject({ outcome: 'published', generation: 1 })

  const nothing = await start()
  expect(nothing.id).toBeNull()
  expect(nothing.sentence).toBe(
    'There is nothing to do up to 2013-02-11T00:00:00.000Z: generation 1 has every reading.',
  )
  expect(added.size).toBe(0)

  await deliver(-5, -3)
  const { id } = await start()
  expect((await start()).id).toBe(id)
  expect(added.size).toBe(1)
  expect(await work()).toMatchObject({ outcome: 'published', generation: 2, highWaterMs })
  expect((await start()).id).toBeNull()
})

test('readings after a job of the same generation are another job', async () => {
  await deliver(-6, -5)
  const first = await start()
  await deliver(-7, -6)
  const second = await start()
  expect(second.id).not.toBe(first.id)
  // The first one computes both; the second finds that it did.
  const outcomes = [await work(first.id!), await work(second.id!)]
  expect(outcomes).toMatchObject([{ outcome: 'published' }, { outcome: 'superseded' }])
})

function start(ms = highWaterMs) {
  return startJob({ views, jobs, models: ports.models }, job('recompute', ms))
}

function job(name: 'train' | 'recompute', ms: number) {
  return { name, highWaterMs: ms, options: {} }
}

/** Runs an added job as a worker does; the only one, unless it is named. */
async function work(id = [...added.keys()].at(-1)!) {
  const found = added.get(id)!
  added.delete(id)
  return makeHandlers(ports).handle(found)
}

function deliver(fromDay: number, toDay: number): Promise<void> {
  const [startMs, endMs] = [highWaterMs + fromDay * dayMs, highWaterMs + toDay * dayMs]
  return archive(views, drawReadings({ meters: ['M0'], startMs, endMs, stepS: 1800 }))
}
