import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Job, Jobs } from '../../schemas/ports/jobs.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { makeHandlers } from '../handlers.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { nextJobs } from './nextJobs.ts'
import { readJobFacts } from './readJobFacts.ts'
import { requestJob } from './requestJob.ts'

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
  const row = { meter: 'M0', version: 1, zone: 'UTC', groups: 'g', interval_s: 1800, account: '' }
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

test('a high-water mark in the future, or within a day, is refused', async () => {
  await expect(start(highWaterMs + dayMs)).rejects.toThrow(
    '2013-02-12T00:00:00.000Z is in the future: it is 2013-02-11T09:00:00.000Z',
  )
  await expect(start(highWaterMs - 1_800_000)).rejects.toThrow('is not the start of a day in UTC.')
})

test('a published high-water mark is taken back for who says so', async () => {
  const earlier = highWaterMs - 2 * dayMs
  const range = { from_ms: 0, to_ms: highWaterMs, group: '', limit: 10_000, meter: '' }
  const before = await views.query('merged_deviation', range)
  const refused = await start(earlier)
  expect([refused.id, refused.sentence.includes('takesBack')]).toEqual([null, true])

  await requestJob(
    { ...requestPorts(), log: logFrom(1) },
    { ...job('recompute', earlier), takesBack },
  )
    .then(() => expect.unreachable())
    .catch((error: Error) => expect(error.message).toMatch(/cannot be taken back .* begins at 1/))
  const { id } = await requestJob(requestPorts(), { ...job('recompute', earlier), takesBack })
  expect(await work(id!)).toMatchObject({ outcome: 'published', highWaterMs: earlier })
  const after = await views.query('merged_deviation', range)
  expect(after).toEqual(before.filter((row) => row.start_ms < earlier))

  // The schedule does not bring it back, not even by a job that it had asked for before.
  const facts = await readJobFacts(views, async () => [])
  const { published } = facts
  expect(published!.heldSinceMs).toBeGreaterThan(0)
  expect(nextJobs({ ...facts, ...closed })).toEqual([])
  const free = { ...facts, published: { ...published!, heldSinceMs: null } }
  const [, asked] = nextJobs({ ...free, ...closed })
  expect(await makeHandlers(ports).handle(asked!)).toMatchObject({ outcome: 'superseded' })

  // Days that are dirty are computed again meanwhile, and the hold outlasts that.
  await deliver(-4, -3)
  await start(earlier)
  expect(await work()).toMatchObject({ outcome: 'published', highWaterMs: earlier })
  const again = await readPublished(views)
  expect(again!.heldSinceMs).toBe(published!.heldSinceMs)

  // The operator's word brings it back, and lifts the hold.
  await start()
  expect(await work()).toMatchObject({ outcome: 'published', highWaterMs })
  expect((await readPublished(views))!.heldSinceMs).toBeNull()
  expect(await views.query('merged_deviation', range)).toHaveLength(before.length)
})

const takesBack = true
/** Both the clock and the readings have passed the midnight. */
const closed = { nowMs: highWaterMs + dayMs / 2, watermarkMs: highWaterMs, latenessS: 3600 }

function start(ms = highWaterMs) {
  return requestJob(requestPorts(), job('recompute', ms))
}

function requestPorts() {
  const clock = { nowMs: () => highWaterMs + 9 * 3_600_000 }
  const readEvents = async () => []
  return { views, jobs, models: ports.models, clock, readEvents, log: logFrom(0) }
}

/** A log from whose only partition retention has removed the records before an offset. */
function logFrom(start: number) {
  return { progress: async () => [{ partition: 0, start, committed: 10_000, end: 10_000 }] }
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
