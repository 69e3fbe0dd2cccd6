import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { countInserted } from '../../schemas/sql/insertColumns.ts'
import { readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { recompute } from './recompute.ts'
import { sweepRuns } from './sweepRuns.ts'

/**
 * What `npm run bench -- growth` measures, in rows and partitions: two hourly meters, the last ten
 * days restated before each generation.
 */
const dayMs = 86_400_000
const highWaterMs = Date.UTC(2013, 5, 3)
const restatedDays = 10
const meters = ['A', 'B']

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const rows = meters.map((meter) => {
    return { meter, version: 1, zone: 'UTC', groups: 'g', interval_s: 3600, account: '' }
  })
  await views.insert('meters', rows)
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('rows written and partitions kept follow the days that changed, not the history', async () => {
  await archive(-30, 0, 0)
  await publish()
  const over30 = await restate(1)
  await archive(-90, -30, 0)
  await publish()
  const partitions = await partitionsKept()
  const over90 = await restate(2)
  for (const revision of [3, 4]) expect(await restate(revision)).toEqual(over90)

  const perDay = meters.length * 24
  expect(over30.get('batch_deviation')).toBe(restatedDays * perDay)
  expect(over30.get('batch_group')).toBe(restatedDays * 24)
  // A generation is complete by itself: its manifest has a row a day.
  expect(over90).toEqual(new Map(over30).set('manifest', over30.get('manifest')! + 60))
  expect(await partitionsKept()).toBe(partitions)
})

test('a run has as many tasks whatever the history and however often it was restated', async () => {
  // Two meters of 24 hours over the 35 days that are read.
  const rowsMax = 2 * 24 * 35
  for (const revision of [5, 6]) {
    await archive(-restatedDays, 0, revision)
    let tasks = 0
    await publish({
      rowsMax,
      insert: (name, rows, options) => {
        if (name === 'batch_deviation') tasks += 1
        return views.insert(name, rows, options)
      },
    })
    expect(tasks).toBe(1)
  }
})

/** Restates the last days and publishes; returns the rows written of each row set. */
async function restate(revision: number): Promise<Map<string, number>> {
  await archive(-restatedDays, 0, revision)
  const written = new Map<string, number>()
  await publish({
    insert: (name, rows, options) => {
      written.set(name, (written.get(name) ?? 0) + countInserted(rows))
      return views.insert(name, rows, options)
    },
  })
  return written
}

type Publishing = { readonly insert?: Views['insert']; readonly rowsMax?: number }

async function publish({ insert = views.insert, ...options }: Publishing = {}): Promise<void> {
  const after = (await readPublished(views))?.generation ?? 0
  const { data } = recomputeJob({ highWaterMs, zone: 'UTC', after })
  const ports = openTestBatchPorts({ ...views, insert })
  await recompute(ports, readRecomputeData(data), { graceS: 0, ...options }).finally(() =>
    ports.close(),
  )
}

/** Once the last generation but one is past its grace, which is counted in whole seconds. */
async function partitionsKept(): Promise<number> {
  await sleep(2_000)
  await sweepRuns(views, { run: (await readPublished(views))!.run, graceS: 0 })
  return (await views.query('stored_partitions')).length
}

const store = createTestArchive(highWaterMs)
function archive(fromDay: number, toDay: number, revision: number): Promise<void> {
  const [startMs, endMs] = [highWaterMs + fromDay * dayMs, highWaterMs + toDay * dayMs]
  return store(views, drawReadings({ meters, startMs, endMs, stepS: 3600, revision }))
}
