import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { testProgramArgs } from '../../deploy/testing/engineArgs.ts'
import { openTestBatchPorts } from '../../deploy/testing/testBatchPorts.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type RecomputeData, readRecomputeData, recomputeJob } from '../jobs/jobs.ts'
import { createTestArchive, drawReadings } from '../testing/testArchive.ts'
import { recompute } from './recompute.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2013, 1, 1)
const days = 6
const highWaterMs = firstMs + days * dayMs
const meters = ['M0', 'M1', 'M2']
/** In the order of a run: the kill comes so long after the row set is begun. */
const moments = [
  { rowSet: 'batch_deviation', pauseMs: 18, revision: 1 },
  { rowSet: 'manifest', pauseMs: 17, revision: 2 },
  { rowSet: 'generations', pauseMs: 12, revision: 3 },
]

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const rows = meters.map((meter) => {
    return { meter, version: 1, zone: 'UTC', groups: 'g', interval_s: 1800, account: '' }
  })
  await views.insert('meters', rows)
  await archive(0, days, 0)
  await publish()
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test.each(moments)(
  'killed while it writes $rowSet, a publisher leaves the old generation whole',
  async ({ rowSet, pauseMs, revision }) => {
    const old = await killInTime({ rowSet, pauseMs, revision })
    const seen = await readView()
    await publish()
    const next = await readView()

    // Killed while the row that publishes was being sent: it may have been stored.
    expect([old, next]).toContainEqual(seen)
    if (rowSet !== 'generations') expect(seen).toEqual(old)
    expect(next).not.toEqual(old)
    expect(await strayPartitions()).toEqual([])
  },
)

type Moment = (typeof moments)[number]

/**
 * Kills a publisher before it reports that it has published: one that was faster gets another
 * revision to publish, and half the pause. Returns the view that it was to replace.
 */
async function killInTime({ rowSet, pauseMs, revision }: Moment) {
  const old = await readView()
  await archive(days - 2, days, revision)
  const isPublished = await runAndKill(rowSet, pauseMs)
  if (!isPublished) return old
  expect(pauseMs, `a kill at once came after the publication: ${rowSet}`).toBeGreaterThan(0)
  return killInTime({ rowSet, pauseMs: Math.floor(pauseMs / 2), revision: revision + 10 })
}

/** Kills a process soon after it began to write a row set; returns whether it had finished. */
async function runAndKill(rowSet: string, pauseMs: number): Promise<boolean> {
  const program = await testProgramArgs('deploy/testing/recompute/recomputer.ts')
  const args = [...program, server.url, JSON.stringify(await nextJob())]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line)
    if (line === rowSet) sleep(pauseMs).then(() => child.kill('SIGKILL'))
  }
  await gone
  expect(lines).toContain(rowSet)
  return lines.includes('published')
}

async function publish(): Promise<void> {
  const ports = openTestBatchPorts(views)
  await recompute(ports, await nextJob(), { graceS: 0 }).finally(() => ports.close())
}

async function nextJob(): Promise<RecomputeData> {
  const [published] = await views.query('published_generation')
  const after = published?.generation ?? 0
  return readRecomputeData(recomputeJob({ highWaterMs, zone: 'UTC', after }).data)
}

async function readView() {
  const range = { from_ms: 0, to_ms: highWaterMs + 2 * dayMs, group: '', limit: 100_000 }
  const rows = await views.query('merged_deviation', { ...range, meter: '' })
  expect(rows).toHaveLength(meters.length * days * 48)
  const groups = await views.query('merged_group', range)
  return { rows, groups, ahead: await views.query('view_baseline', { ...range, meter: '' }) }
}

/** Partitions of runs that were never published. */
async function strayPartitions(): Promise<string[]> {
  const kept = await views.query('kept_runs', { grace_s: 86_400 })
  const runs = new Set(kept.map(({ run }) => String(run)))
  const stored = await views.query('stored_partitions')
  const runOf = (partition: string) => /(\d+)\)?$/.exec(partition)![1]!
  return stored.map(({ partition }) => partition).filter((each) => !runs.has(runOf(each)))
}

const store = createTestArchive(highWaterMs)
/** Half-hours of all meters from one day to another; each revision has other values. */
function archive(fromDay: number, toDay: number, revision: number): Promise<void> {
  const [startMs, endMs] = [firstMs + fromDay * dayMs, firstMs + toDay * dayMs]
  return store(views, drawReadings({ meters, startMs, endMs, stepS: 1800, revision }))
}
