import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchPorts } from '../../batch/jobs/batchPorts.ts'
import { readRecomputeData, recomputeJob } from '../../batch/jobs/jobs.ts'
import { recompute } from '../../batch/recompute/recompute.ts'
import { sweepRuns } from '../../batch/recompute/sweepRuns.ts'
import { createTestArchive, drawReadings } from '../../batch/testing/testArchive.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { countInserted } from '../../schemas/sql/insertColumns.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { postTo } from '../testing/postTo.ts'
import { openTestBatchPorts } from '../testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { cpuSOfPid, ownCpuS, print } from './figures.ts'
import { type Growth, growthProblems } from './growthProblems.ts'

const dayMs = 86_400_000
const stepS = 1800
const highWaterMs = Date.UTC(2014, 0, 6)
const meters = Array.from({ length: 100 }, (_, index) => `M${String(index).padStart(3, '0')}`)
const restatedDays = 10
const restatements = 20

/** Rows are what the batch layer wrote; readings keep every version by design. */
const bytesQuery = `SELECT sum(bytes_on_disk) FROM system.parts
WHERE active AND database = currentDatabase() AND table NOT IN ('readings', 'meters')`
const mergesQuery = 'SELECT count() FROM system.merges'

/**
 * What a recompute costs by length of history: 100 half-hourly meters, the last ten days restated
 * before each of 20 generations. CPU is that of the job alone, in this process and in the store's;
 * median of the 20; other load on the machine lengthens the wait, hardly the CPU. Linux only, for
 * `/proc`.
 *
 * @param lengths days of history, the first compared with the others; none: 30, 120 and 365.
 * @returns a sentence for each promise that the figures break.
 */
export async function printGrowth(lengths: readonly number[]): Promise<string[]> {
  const all = lengths.length > 0 ? lengths : [30, 120, 365]
  printCells([
    'days',
    'CPU ms',
    'rows written',
    'disk KiB after 1',
    `after ${restatements} more`,
    'x',
  ])
  const found: Growth[] = []
  for (const days of all) {
    const growth = await measure(days)
    found.push(growth)
    const { cpuMs, rows, bytesOfOne, bytesAfterAll } = growth
    const sizes = [bytesOfOne, bytesAfterAll].map((bytes) => Math.round(bytes / 1024))
    printCells([days, Math.round(cpuMs), rows, ...sizes, (bytesAfterAll / bytesOfOne).toFixed(2)])
  }
  return growthProblems(found)
}

function printCells(cells: readonly (string | number)[]): void {
  const [first = '', ...others] = cells.map(String)
  const line = others.map((cell) => cell.padStart(18)).join('')
  print(`${first.padStart(6)}${line}`)
}

async function measure(days: number): Promise<Growth> {
  const server = await startTestClickHouse({ extraQueries: [bytesQuery, mergesQuery] })
  const store = await openClickHouseViews({ url: server.url })
  const ports = openTestBatchPorts(store)
  let rows = 0
  const insert: Views['insert'] = (name, given, options) => {
    rows += countInserted(given)
    return store.insert(name, given, options)
  }
  const counted = { ...ports, views: { ...store, insert } }
  try {
    await enrol(store)
    const archive = createArchive(store)
    for (let day = -days; day < 0; day += restatedDays) await archive(day, 0)
    await publish(counted)
    await untilMerged(server)
    const bytesOfOne = await ask(server, bytesQuery)
    const costs: { cpuMs: number; rows: number }[] = []
    for (let revision = 1; revision <= restatements; revision++) {
      await archive(-restatedDays, revision)
      await untilMerged(server)
      rows = 0
      const beforeMs = cpuMsOf(server)
      await publish(counted)
      const cpuMs = cpuMsOf(server) - beforeMs
      costs.push({ cpuMs, rows })
      process.stderr.write(`${days} days, generation ${revision + 1}: ${Math.round(cpuMs)} ms\n`)
    }
    await untilMerged(server)
    // The last but one was within its grace, of the second, when the last came.
    const newest = await readPublished(store)
    await sweepRuns(store, { run: newest!.run, graceS: 0 })
    const bytesAfterAll = await ask(server, bytesQuery)
    const sorted = costs.sort((left, right) => left.cpuMs - right.cpuMs)
    return { days, ...sorted[Math.floor(costs.length / 2)]!, bytesOfOne, bytesAfterAll }
  } finally {
    ports.close()
    await store.close()
    await server.stop()
  }
}

async function publish(ports: BatchPorts): Promise<void> {
  const published = await readPublished(ports.views)
  const after = published?.generation ?? 0
  const job = recomputeJob({ highWaterMs, zone: 'UTC', after })
  await recompute(ports, readRecomputeData(job.data), { graceS: 0 })
}

function enrol(views: Views): Promise<void> {
  const rows = meters.map((meter) => {
    return { meter, version: 1, zone: 'UTC', groups: 'g', interval_s: stepS, account: '' }
  })
  return views.insert('meters', rows)
}

/** Writes `restatedDays` days of all meters from a day before the high-water mark on. */
function createArchive(views: Views): (day: number, revision: number) => Promise<void> {
  const store = createTestArchive(highWaterMs)
  return (day, revision) => {
    const startMs = highWaterMs + day * dayMs
    const endMs = startMs + Math.min(restatedDays, -day) * dayMs
    return store(views, drawReadings({ meters, startMs, endMs, stepS, revision }))
  }
}

/** CPU of this process and of the store's, all threads, user and system. */
function cpuMsOf(server: TestClickHouse): number {
  return 1000 * (ownCpuS() + cpuSOfPid(server.pid()))
}

/** Until no merge has been under way for a second. */
async function untilMerged(server: TestClickHouse): Promise<void> {
  for (let quiet = 0; quiet < 2; await sleep(500)) {
    quiet = (await ask(server, mergesQuery)) === 0 ? quiet + 1 : 0
  }
}

async function ask(server: TestClickHouse, sql: string): Promise<number> {
  return Number(await postTo(server.url, sql))
}
