import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { LogHeldError } from '../../schemas/errors/log.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { framesOf } from '../../speed/ingest/framesOf.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { type Random, seededRandom } from '../simulate/random.ts'
import { testProgramArgs } from '../testing/engineArgs.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { emptyingQueries, emptyStore } from './seeds/emptyStore.ts'

const partitions = 4
const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
const leaseMs = 2_000
const slots = 96
const stepMs = 1_800_000
const startMs = Date.UTC(2013, 0, 7)
/** Sites of two meters, which are mostly of two partitions: a sum of theirs needs both. */
const sites = Array.from({ length: 12 }, (_, at) => `S${at}`)
const meters = sites.flatMap((site) => [`${site}-import`, `${site}-export`])
const seeds = inject('isSoak') ? 20 : 2

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse({ extraQueries: emptyingQueries })
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

/**
 * Three of speed and two of the archive share the log while readings come; some are killed, some
 * are stopped for longer than a lease and go on, some end and others begin. All that is shown and
 * counted is what one of each shows that nobody disturbs.
 */
test(
  `${seeds} runs with killed, stopped, added and ended processes: the same views and counters`,
  async () => {
    const expected = await play(null)
    expect(expected.groups.length).toBe(slots)
    expect(expected.rows.length).toBe(slots * meters.length)
    for (let seed = 0; seed < seeds; seed++) {
      await emptyStore(server.url)
      const disturbed = await play(`many ${seed}`)
      expect(disturbed, `seed ${seed}`).toEqual(expected)
    }
  },
  300_000 * (1 + seeds),
)

type LayerName = 'speed' | 'archive'

/** @param seed null: one of each layer, and nothing happens to them. */
async function play(seed: string | null) {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-many-'))
  const log = await openLmdbLog({ dir, partitions: topics })
  await enrol()
  const layers = {
    speed: await openLayer('speed', dir, seed === null ? 1 : 3),
    archive: await openLayer('archive', dir, seed === null ? 1 : 2),
  }
  const random = seededRandom(seed ?? '')
  for (let slot = 0; slot < slots; slot += 4) {
    await append(log, slot)
    if (seed === null) continue
    await sleep(random.next() * 600)
    const layer = random.next() < 0.6 ? layers.speed : layers.archive
    if (random.next() < 0.5) await layer.disturb(random)
  }
  for (const layer of Object.values(layers)) await layer.end(log)
  const shown = await readShown()
  await log.close()
  rmSync(dir, { recursive: true, force: true })
  return shown
}

async function openLayer(name: LayerName, dir: string, count: number) {
  const own = new Set<ChildProcess>()
  const start = async () => {
    const program = await testProgramArgs('deploy/testing/sharingLayer.ts')
    const given = [name, server.url, dir, String(partitions), String(leaseMs)]
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    const child = spawn(process.execPath, [...program, ...given], { stdio: [...stdio] })
    own.add(child)
    await once(child, 'message')
  }
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    own.delete(child)
    const gone = once(child, 'exit')
    child.kill(signal)
    child.kill('SIGCONT')
    const [code] = await gone
    if (signal === 'SIGTERM') expect(code).toBe(0)
  }
  await Promise.all(Array.from({ length: count }, start))
  return {
    /** Kills one, stops one for longer than its lease, ends one, or adds one. */
    async disturb(random: Random): Promise<void> {
      const children = [...own]
      const child = children[random.below(children.length)]!
      const what = random.below(4)
      if (what === 0) {
        await end(child, 'SIGKILL')
        if (own.size === 0) await start()
      } else if (what === 1) {
        child.kill('SIGSTOP')
        setTimeout(() => child.kill('SIGCONT'), 2 * leaseMs)
      } else if (what === 2 && own.size > 1) await end(child, 'SIGTERM')
      else if (own.size < 4) await start()
    },
    /** Once everything is read, and what is shown rests. */
    async end(log: Log): Promise<void> {
      const behind = async () => {
        const all = Object.keys(topics).map((topic) => log.progress(name, topic))
        return (await Promise.all(all)).flat().filter(({ committed, end: to }) => committed < to)
      }
      await expect.poll(behind, { timeout: 200_000, interval: 500 }).toEqual([])
      await expect.poll(isAtRest, { timeout: 60_000, interval: 3 * leaseMs }).toBe(true)
      await Promise.all([...own].map((child) => end(child, 'SIGTERM')))
    },
  }
}

let last = ''
/** Whether the views are as they were three leases ago. */
async function isAtRest(): Promise<boolean> {
  const before = last
  last = JSON.stringify(await readShown())
  return last === before
}

function enrol(): Promise<void> {
  const row = { version: 1, zone: 'UTC', groups: 'G', account: '', interval_s: 1800 }
  return views.insert(
    'meters',
    meters.map((meter) => {
      const [site = '', kind = ''] = meter.split('-')
      return { ...row, meter, site, kind }
    }),
  )
}

/** Four slots of all meters; a slot before them is corrected. */
async function append(log: Log, first: number): Promise<void> {
  const said = Array.from({ length: 4 }, (_, at) => readingsAt(first + at, 0)).flat()
  const corrected = first === 0 ? [] : readingsAt(first - 3, 1)
  for (const [partition, { frames }] of framesOf([...said, ...corrected], partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await appendOnceFree(() => log.append(readingsTopic, partition, records))
  }
}

/** A process that is stopped with the log's lock keeps it: a refused append is not in the log. */
async function appendOnceFree(append: () => Promise<number>): Promise<void> {
  for (;;) {
    try {
      await append()
      return
    } catch (error) {
      if (!(error instanceof LogHeldError)) throw error
    }
  }
}

function readingsAt(slot: number, revision: number): Reading[] {
  return meters.map((meter, at) => {
    const energyMwh = 100_000 + 1_000 * at + slot + 50_000 * revision
    return aReading({ meter, startMs: startMs + slot * stepMs, energyMwh, revision })
  })
}

async function readShown() {
  const range = { from_ms: startMs, to_ms: startMs + slots * stepMs, limit: 100_000 }
  const counting = { from_ms: startMs, to_ms: startMs + slots * stepMs, meters, as_of: [] }
  const watermarks = await views.query('watermarks')
  return {
    rows: await views.query('merged_deviation', { ...range, meter: '', group: '' }),
    groups: await views.query('merged_group', { ...range, group: '' }),
    counting: await views.query('counting_readings', counting),
    counters: await views.query('ingest_counters'),
    watermarks: watermarks.map(({ generation: _, ...each }) => each),
  }
}
