import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../deploy/engines/views/clickhouseViews.ts'
import { testProgramArgs } from '../deploy/testing/engineArgs.ts'
import { startTestClickHouse, type TestClickHouse } from '../deploy/testing/testClickHouse.ts'
import { type MeterId, partitionOf } from '../schemas/ids.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { encodeDeadLetter } from '../schemas/reading/deadLetter.ts'
import { decodeFrame } from '../schemas/reading/frame.ts'
import { quality, type Reading } from '../schemas/reading/reading.ts'
import { stated, statedColumns } from '../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { energyMwh } from '../schemas/units.ts'
import { framesOf } from './ingest/framesOf.ts'
import { runSpeed } from './run.ts'

const zone = 'Europe/London'
const partitions = 2
const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
const stepMs = 1_800_000
const first = localDayNamed('2013-02-11', zone)
const second = localDayNamed('2013-02-12', zone)
const meters = Array.from({ length: 12 }, (_, index) => `MAC${index}` as MeterId)
const root = mkdtempSync(path.join(tmpdir(), 'wattproof-speed-'))

type Installation = { name: string; server: TestClickHouse; views: Views; log: Log }
const installations: Installation[] = []

beforeAll(async () => {
  installations.push(...(await Promise.all(['killed', 'calm', 'shuffled'].map(openInstallation))))
})

afterAll(async () => {
  for (const { views, log, server } of installations) {
    await Promise.all([views.close(), log.close()])
    await server.stop()
  }
  rmSync(root, { recursive: true, force: true })
})

test('kills, another order and duplicates do not change the views', async () => {
  const [killed, calm, shuffled] = installations as [Installation, Installation, Installation]
  const deliveries = drawDeliveries()

  for (const delivery of deliveries) await append(calm.log, delivery)
  await publishGeneration(calm, 3)
  await runUntilCaughtUp(calm)
  const expected = await readViews(calm)
  // Twelve meters with 48 half-hours each, the whole second day.
  expect(expected.deviations).toHaveLength(12 * 48)
  expect(expected.groups).toHaveLength(2 * 48)
  expect(expected.deviations.every(({ ratio }) => ratio !== null)).toBe(true)

  let child = await startSpeed(killed)
  for (const [index, delivery] of deliveries.entries()) {
    await append(killed.log, delivery)
    if (index % 32 === 7) {
      await pause((index * 37) % 150)
      await kill(child)
      child = await startSpeed(killed)
    }
    // The generation changes while readings arrive: the speed layer then covers the second day, at
    // first with nothing of it in the master data set and later with half of it.
    if (index === 40 || index === 70) {
      await archive(killed)
      await publishGeneration(killed, index === 40 ? 2 : 3)
    }
  }
  await until(async () => isDeepStrictEqual(await readViews(killed), expected))
  await kill(child)
  expect(await readViews(killed)).toEqual(expected)

  const all = deliveries.flat()
  const doubled = [...all, ...all].sort((left, right) => rank(left) - rank(right))
  for (let at = 0; at < doubled.length; at += 50) {
    await append(shuffled.log, doubled.slice(at, at + 50))
  }
  await publishGeneration(shuffled, 3)
  await runUntilCaughtUp(shuffled)
  expect(await readViews(shuffled)).toEqual(expected)
}, 120_000)

test('ingest counters balance, count each reading once and include rejections', async () => {
  const [killed, , shuffled] = installations as [Installation, Installation, Installation]
  const sent = drawDeliveries().flat().length
  const [counters] = await killed.views.query('ingest_counters')
  expect(counters).toMatchObject({ layer: 'speed', read: sent + 1, rejected: 1 })
  expect(counters!.read).toBe(counters!.accepted + counters!.duplicate + counters!.rejected)
  const [twice] = await shuffled.views.query('ingest_counters')
  expect(twice).toMatchObject({ read: 2 * sent + 1 })
  expect(twice!.read).toBe(twice!.accepted + twice!.duplicate + twice!.rejected)
})

test('the layer waits for a store that is temporarily unreachable', async () => {
  const installation = installations[1]!
  const stop = new AbortController()
  const running = run(installation, stop.signal)
  await installation.server.kill()
  await append(installation.log, [readingOf(meters[0]!, 48, 0.7)])
  await pause(500)
  await installation.server.restart()
  await until(() => isCaughtUp(installation))
  stop.abort()
  await running
  const range = { from_ms: second.endMs, to_ms: second.endMs + stepMs, limit: 10, group: '' }
  const rows = await installation.views.query('merged_deviation', { ...range, meter: '' })
  expect(rows).toMatchObject([{ meter: meters[0], energy_mwh: 700_000, origin: 'speed' }])
})

async function openInstallation(name: string): Promise<Installation> {
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const log = await openLmdbLog({ dir: path.join(root, name), partitions: topics })
  const installation = { name, server, views, log }
  await views.insert(
    'meters',
    meters.map((meter, index) => {
      const groups = index < 4 ? 'dynamic' : 'flat'
      return { meter, version: 1, zone, groups, interval_s: 1800, account: '' }
    }),
  )
  await publishGeneration(installation, 1)
  await log.append(rejectedTopic, 0, [
    { key: new Uint8Array(), value: encodeDeadLetter(rejection, second.startMs) },
  ])
  return installation
}

const rejection = {
  reason: 'unparsable',
  detail: '',
  original: new Uint8Array([1]),
  ...{ line: 0, column: '', value: '', readAs: '' },
  source: 'test',
  index: 0,
} as const

/** Publishes the baselines of the day after the high-water mark, then the generation. */
async function publishGeneration({ views }: Installation, generation: number): Promise<void> {
  const day = generation === 1 ? first : second
  const rows = meters.flatMap((meter, index) =>
    Array.from({ length: 96 }, (_, slot) => ({
      run: generation,
      meter,
      start: day.startMs + slot * stepMs,
      duration_s: 1800,
      baseline_mwh: 200_000 + 10_000 * generation + 1_000 * ((slot * 7 + index) % 48),
      sigma_w: 90,
    })),
  )
  await views.insert('batch_baseline', rows)
  const created = day.startMs
  const horizon = day.startMs + 96 * stepMs
  const pointer = {
    generation,
    run: generation,
    inputs: '',
    high_water: day.startMs,
    horizon,
    model_id: '',
    created,
  }
  await views.insert('generations', [pointer])
}

/** Two days, half-hour by half-hour, with late, duplicate and corrected readings. */
function drawDeliveries(): Reading[][] {
  let held: Reading[] = []
  return Array.from({ length: 96 }, (_, slot) => {
    const own = meters.map((meter, index) =>
      readingOf(meter, slot - 48, ((slot * 13 + index) % 40) / 50),
    )
    const late = own.filter((_, index) => (slot * 5 + index) % 17 === 0)
    const restated = own
      .filter((_, index) => (slot * 3 + index) % 29 === 0)
      .map((each) => ({ ...each, revision: 1, energyMwh: energyMwh(each.energyMwh + 5_000) }))
    const delivery = [...held, ...own.filter((each) => !late.includes(each)), ...restated, own[1]!]
    held = slot === 95 ? [] : late
    return slot === 95 ? [...delivery, ...late] : delivery
  })
}

/** Slots are counted from the start of the second day. */
function readingOf(meter: MeterId, slot: number, kwh: number): Reading {
  return {
    meter,
    startMs: second.startMs + slot * stepMs,
    durationS: 1800,
    energyMwh: energyMwh(Math.round(kwh * 1_000_000)),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }
}

async function append(log: Log, readings: readonly Reading[]): Promise<void> {
  for (const [partition, { frames }] of framesOf(readings, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await log.append(readingsTopic, partition, records)
  }
}

/** The layer in its own process, as under the supervisor. */
async function startSpeed({ name, server }: Installation): Promise<ChildProcess> {
  const place = { dir: path.join(root, name), partitions: topics }
  const program = await testProgramArgs('deploy/testing/speedLayer.ts')
  const args = [...program, server.url, JSON.stringify(place), String(partitions)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The speed layer did not start.'))),
  ])
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  expect(child.exitCode).toBeNull()
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function run({ log, views }: Installation, signal: AbortSignal): Promise<void> {
  return runSpeed({ log, views, clock: systemClock(), signal, partitions })
}

async function runUntilCaughtUp(installation: Installation): Promise<void> {
  const stop = new AbortController()
  const running = run(installation, stop.signal)
  await Promise.race([until(() => isCaughtUp(installation)), running])
  stop.abort()
  await running
}

async function isCaughtUp({ log }: Installation): Promise<boolean> {
  const readings = await log.progress('speed', readingsTopic)
  const rejected = await log.progress('speed', rejectedTopic)
  return [...readings, ...rejected].every(({ committed, end }) => committed === end)
}

/** Gives up after a while, so that the assertion that follows fails. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000
  while (performance.now() < end && !(await isSo())) await pause(100)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** The part of the archive that a replay depends on. */
async function archive({ log, views }: Installation): Promise<void> {
  for (const { partition, end } of await log.progress('archive', readingsTopic)) {
    const records = await log.read({ topic: readingsTopic, partition, offset: 0 }, end)
    const rows = records.flatMap(({ position, value }) =>
      decodeFrame(value).readings.map((reading, log_index) => ({
        meter: reading.meter,
        start: reading.startMs,
        quality: reading.quality,
        ...statedColumns,
        revision: reading.revision,
        energy_mwh: reading.energyMwh,
        power_w: null,
        reactive_var: null,
        duration_s: reading.durationS,
        log_partition: partition,
        log_offset: position.offset,
        log_index,
      })),
    )
    const placed = rows.map(({ start, log_offset }) => {
      return { log_partition: partition, quarter: start - (start % 900_000), log_offset }
    })
    await views.insert('first_places', placed)
    await views.insert('readings', rows)
    await log.commit('archive', { topic: readingsTopic, partition, offset: end })
  }
}

async function readViews({ views }: Installation) {
  const range = { from_ms: first.startMs, to_ms: second.endMs, limit: 100_000, group: '' }
  return {
    deviations: await views.query('merged_deviation', { ...range, meter: '' }),
    groups: await views.query('merged_group', range),
    watermarks: await views.query('watermarks'),
  }
}

/** A deterministic shuffle. */
function rank(reading: Reading): number {
  const text = `${reading.meter}${reading.startMs}${reading.energyMwh}${reading.revision}`
  return partitionOf(text as MeterId, 1_000_003)
}
