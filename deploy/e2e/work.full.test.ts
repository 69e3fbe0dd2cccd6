import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { openLog } from '../engines/ports.ts'
import { readConfig } from '../installation/config.ts'
import { countWork, eventsQuery, type Work } from '../testing/countWork.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { ask, type LiveUp, startLiveUp } from './liveUp.ts'
import { temporaryDir } from './runDemo.ts'

/**
 * What an installation does while nobody uses it, and for readings: queries, bytes, syncs and
 * wakeups. Counts, which no other work on the machine changes much, unlike time; bounds are two to
 * three times what was counted when they were set.
 */
let clickhouse: TestClickHouse
let up: LiveUp
let log: Log
beforeAll(async () => {
  clickhouse = await startTestClickHouse({ extraQueries: [eventsQuery] })
  const dir = temporaryDir()
  up = await startLiveUp(dir, { ...process.env, VIEWS_URL: clickhouse.url })
  log = await openLog(readConfig({ WATTPROOF_DIR: dir }))
  // A start leaves merges, compilations and first looks behind it.
  await sleep(20_000)
}, 600_000)
afterAll(async () => {
  await log?.close()
  await up?.stop()
  await clickhouse?.stop()
})

test('an idle half minute', async () => {
  const work = await during(() => sleep(30_000))
  expect(
    beyond(work, {
      // The leases of two layers, each renewed every third of ten seconds, and two more.
      ...{ selects: 45, inserts: 2, viewsSyncs: 10, logCommits: 20, jobsCommits: 120 },
      ...{ written: 3_000_000, wakeups: 15_000 },
    }),
  ).toEqual([])
}, 120_000)

const meters = Array.from({ length: 100 }, (_, index) => `M${index}`)
const stepS = 60
/** Readings sent so far: each is of another meter, or of a later minute. */
let sent = 0

test('twenty requests of a thousand readings', async () => {
  const json = { 'content-type': 'application/json' }
  const enrolled = meters.map((meter) => ({ meter, zone: 'UTC', group: 'g', intervalS: stepS }))
  const body = JSON.stringify(enrolled)
  await ask(up, '/api/v1/meters', { method: 'POST', headers: json, body })
  await send(1)
  await areRead()

  const work = await during(() => sendAll({ requests: 20, rows: 1_000 }))
  expect(
    beyond(work, {
      ...{ selects: 150, inserts: 200, viewsSyncs: 2_000, logCommits: 130, jobsCommits: 250 },
      ...{ written: 20_000 * 3_000, wakeups: 40_000 },
    }),
  ).toEqual([])
}, 600_000)

test('two hundred requests of one reading, one after another', async () => {
  const work = await during(() => sendAll({ requests: 200, rows: 1 }))
  expect(
    beyond(work, {
      ...{ selects: 150, inserts: 250, viewsSyncs: 3_000, logCommits: 650, jobsCommits: 250 },
      ...{ written: 200 * 200_000, wakeups: 60_000 },
    }),
  ).toEqual([])
}, 600_000)

async function sendAll({ requests, rows }: { requests: number; rows: number }): Promise<void> {
  for (let request = 0; request < requests; request++) await send(rows)
  await areRead()
}

async function send(rows: number): Promise<void> {
  const fromMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
  const lines = Array.from({ length: rows }, (_, row) => {
    const index = sent + row
    const startMs = fromMs + Math.floor(index / meters.length) * stepS * 1000
    return `${meters[index % meters.length]},${new Date(startMs).toISOString()},${stepS},${row}\n`
  })
  sent += rows
  const body = `meter,start,duration_s,energy_wh\n${lines.join('')}`
  const headers = { 'content-type': 'text/csv' }
  const answer = await ask(up, '/api/v1/readings', { method: 'POST', headers, body })
  expect(answer.status, answer.body).toBe(202)
  expect(JSON.parse(answer.body)).toMatchObject({ queued: rows })
}

/** By the log: a question to the API would itself be counted. */
async function areRead(): Promise<void> {
  const waiting = async () => {
    const layers = ['speed', 'archive'].map((group) => log.progress(group, readingsTopic))
    return (await Promise.all(layers)).flat().filter(({ committed, end }) => committed < end)
  }
  await expect.poll(waiting, { timeout: 120_000, interval: 100 }).toEqual([])
}

async function during(act: () => Promise<unknown>): Promise<Work> {
  const at = { dir: up.dir, viewsUrl: clickhouse.url, pids: [up.process.pid!, clickhouse.pid()] }
  const before = await countWork(at)
  await act()
  const after = await countWork(at)
  const names = Object.keys(before) as (keyof Work)[]
  const work = names.map((name) => [name, after[name] - before[name]])
  return Object.fromEntries(work) as Work
}

/** A sentence for each count above its bound, or that was not counted. */
function beyond(work: Work, bounds: Work): string[] {
  process.stderr.write(`${JSON.stringify(work)}\n`)
  return Object.entries(bounds).flatMap(([name, max]) => {
    const count = work[name as keyof Work]
    return count <= max ? [] : [`${name}: ${count}, at most ${max}`]
  })
}
