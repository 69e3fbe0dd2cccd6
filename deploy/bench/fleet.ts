import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeShards } from '../../batch/handlers.ts'
import { readRecomputeData, recomputeJob } from '../../batch/jobs/jobs.ts'
import { recompute } from '../../batch/recompute/recompute.ts'
import { createTestArchive, drawReadings } from '../../batch/testing/testArchive.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { makeProcessPool } from '../engines/jobs/processPool.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { cpuSOf, listTree } from '../testing/processTree.ts'
import { openTestBatchPorts } from '../testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { cpuSOfPid, load, print } from './figures.ts'

const dayMs = 86_400_000
const highWaterMs = Date.UTC(2014, 0, 6)
const stepMs = 1_800_000
const readingsEach = 4
const idleMsMax = 0.3

type Fleet = {
  readonly server: TestClickHouse
  readonly views: Views
  readonly meters: readonly string[]
}

/**
 * A recompute of many meters with four readings each: with everything to do, nothing, and one late
 * reading to do, by number of processes. CPU is that of this process, the shards and the store.
 *
 * @param given number of meters, then numbers of shards; none: 50,000, and 1 and 2.
 * @returns a sentence for each number of shards with which doing nothing takes above .3 ms a meter.
 */
export async function printFleet(given: readonly number[]): Promise<string[]> {
  const [count = 50_000, ...shards] = given
  const meters = Array.from({ length: count }, (_, index) => `M${String(index).padStart(6, '0')}`)
  print('shards  to do     ms a meter  CPU ms a meter  load')
  const problems: string[] = []
  for (const each of shards.length > 0 ? shards : [1, 2]) {
    const server = await startTestClickHouse()
    const views = await openClickHouseViews({ url: server.url })
    try {
      const idleMs = await measure({ server, views, meters }, each)
      if (idleMs > idleMsMax) problems.push(problemOf(each, idleMs))
    } finally {
      await views.close()
      await server.stop()
    }
  }
  return problems
}

function problemOf(shards: number, idleMs: number): string {
  const took = `${idleMs.toFixed(3)} ms a meter; at most ${idleMsMax} is the aim.`
  return `In ${shards} a recompute with nothing to do took ${took}`
}

/** @returns time of a recompute with nothing to do, ms a meter. */
async function measure(fleet: Fleet, shards: number): Promise<number> {
  const { views, meters } = fleet
  const groups = Math.ceil(meters.length / 1_000)
  await views.insert(
    'meters',
    meters.map((meter, index) => {
      const group = `g${index % groups}`
      return {
        meter,
        version: 1,
        zone: 'Europe/London',
        groups: group,
        interval_s: 1800,
        account: '',
      }
    }),
  )
  const archive = createTestArchive(highWaterMs)
  const startMs = highWaterMs - dayMs
  for (let from = 0; from < meters.length; from += 10_000) {
    const some = meters.slice(from, from + 10_000)
    const endMs = startMs + readingsEach * stepMs
    await archive(views, drawReadings({ meters: some, startMs, endMs, stepS: 1800 }))
  }
  await run(fleet, shards, 'all')
  const idleMs = await run(fleet, shards, 'nothing')
  const late = { startMs: startMs - dayMs, endMs: startMs - dayMs + stepMs, stepS: 1800 }
  await archive(views, drawReadings({ meters: meters.slice(0, 1), ...late }))
  await run(fleet, shards, 'one late')
  return idleMs
}

/** @returns the time it took, ms a meter. */
async function run({ server, views, meters }: Fleet, count: number, what: string): Promise<number> {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-fleet-'))
  const before = process.env
  // Shards find the store by it; what is measured afterwards must not.
  process.env = { ...before, VIEWS_URL: server.url, WATTPROOF_DIR: dir }
  const module = pathToFileURL(path.join(import.meta.dirname, '../layers/batchWorker.ts'))
  const shards = count > 1 ? makeShards(makeProcessPool(count, module)) : undefined
  const ports = openTestBatchPorts(views)
  const after = (await readPublished(views))?.generation ?? 0
  const { data } = recomputeJob({ highWaterMs, zone: 'Europe/London', after })
  const [cpuMs, startMs] = [cpuMsOf(server), performance.now()]
  await recompute(ports, readRecomputeData(data), { graceS: 0, shards })
  const tookMs = performance.now() - startMs
  const cells = [tookMs, cpuMsOf(server) - cpuMs].map((ms) => (ms / meters.length).toFixed(3))
  const [time = '', cpu = ''] = cells
  print(
    `${String(count).padEnd(8)}${what.padEnd(10)}${time.padStart(10)}${cpu.padStart(16)}` +
      load().padStart(6),
  )
  ports.close()
  process.env = before
  rmSync(dir, { recursive: true, force: true })
  return tookMs / meters.length
}

/** User and system time of this process, of its ended children, and of the store. */
function cpuMsOf(server: TestClickHouse): number {
  const [own] = listTree(process.pid)
  return 1000 * (cpuSOf(own!) + cpuSOfPid(server.pid()))
}
