import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import { meterId, partitionOf } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { encodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { decodeFrame, encodeFrame } from '../../schemas/reading/frame.ts'
import { addCounters, emptyCounters, type Reading } from '../../schemas/reading/reading.ts'
import { aReading, stated } from '../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { expectReplayed } from '../testing/expectReplayed.ts'
import type { ArchiveBatch, ArchivePorts } from './archiving.ts'
import { archiveStep, openArchive, runArchive } from './runArchive.ts'

const clock = systemClock()
const partitions = { 'readings.v1': 2, 'readings.v1.rejected': 1 }
const stepMs = 1_800_000
const startMs = Date.UTC(2013, 0, 7)
const meters = ['M1', 'M2', 'M3', 'M4', 'M5']

let server: TestClickHouse
let dir: string
let log: Log
let views: Views

// A store for each log: ingest counters go on from the offset that was counted.
beforeEach(async () => {
  server = await startTestClickHouse()
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-archive-'))
  log = await openLmdbLog({ dir, partitions })
  views = await openClickHouseViews({ url: server.url })
})
afterEach(async () => {
  await log.close()
  await views.close()
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('an interval that was restated ten thousand times costs what one word costs', async () => {
  const [meter = ''] = namesOf('restless')
  const bounded = await openClickHouseViews({ url: server.url, limits: { resultRows: 1_000 } })
  const ports = { log, views: bounded, clock }
  const word = (energy: number) => aReading({ meter, startMs, energyMwh: energy })
  const say = async (energies: readonly number[]) => {
    const frame = encodeFrame(energies.map(word))
    await log.append('readings.v1', partitionOf(meterId(meter), 2), [recordOf(frame)])
    await drain(ports)
  }
  await say(Array.from({ length: 10_000 }, (_, index) => index + 1))
  const before = await archiveCounters()
  // All that was said is stored, and only the latest of it is read again: a repeat, and a new word.
  await say([10_000])
  await say([5])
  const after = await archiveCounters()
  const { duplicate = 0, corrected = 0 } = before
  expect(after).toMatchObject({ duplicate: duplicate + 1, corrected: corrected + 1 })
  const asked = { meters: [meter], from_ms: startMs, to_ms: startMs + 1, as_of: [] }
  expect(await bounded.query('counting_readings', asked)).toMatchObject([{ energy_mwh: 5 }])
  await bounded.close()
})

test('a stop before or after any write changes neither rows nor counters', async () => {
  const named = namesOf('crash')
  await fillLog(named)
  let writes = 0
  // Each run dies at its next write, once just before and once just after it.
  for (let stops = 0; ; stops++) {
    const ports = stopAtWrite(
      { log, views, clock },
      { write: 1 + (stops >> 1), after: stops % 2 === 1 },
    )
    const done = await drain(ports).catch((error: unknown) => {
      if (!(error instanceof RetryableError)) throw error
      return null
    })
    writes = stops
    if (done !== null) break
  }
  expect(writes).toBeGreaterThan(6)
  const crashed = await outcomeOf(named)

  // The same log once more from its start, over the rows that are there already.
  for (const { topic, partition } of await places()) {
    await log.commit('archive', { topic, partition, offset: 0 })
  }
  await drain({ log, views, clock })

  expect(await outcomeOf(named)).toEqual(crashed)
  // 4 · 48 readings a meter and 5 meters = 960, each sent twice; every eighth interval corrected:
  // 24 a meter, 120 more words. What was corrected is said again after its correction: 120 more.
  expect(crashed.versions).toHaveLength(960 + 120 + 120)
  expect(crashed.counting).toHaveLength(960)
  // Late: the eight held back and the restatement of the first of them, and what was said again.
  // Rejected: two dead
  // letters of the API and one record that is not a frame. 1200 + 840 + 3 = 2043.
  const counts = { accepted: 1200, duplicate: 840, rejected: 3, late: 129, corrected: 240 }
  expect(crashed.counters).toEqual({ read: 2043, ...counts })
  const refused = await views.query('rejected', {
    reason: '',
    source: '',
    from_offset: 0,
    limit: 10,
  })
  const reasons = refused.map((row) => row.reason).sort()
  expect(reasons).toEqual(['bad-meter-id', 'not-a-number', 'unparsable'])
  // Its source and its offset above 2^52 both give its position in the readings topic.
  const noFrame = refused.find((row) => row.reason === 'unparsable')!
  const offset = Number(noFrame.source.split('/').at(-1))
  expect(noFrame.source).toBe(`readings.v1/0/${offset}`)
  expect(noFrame.log_offset - 2 ** 52).toBe(offset)
  const page = { reason: '', source: '', from_offset: noFrame.log_offset, limit: 10 }
  expect(await views.query('rejected', page)).toEqual([noFrame])
})

test('shuffled and doubled, the same readings count', async () => {
  const straight = namesOf('straight')
  const shuffled = namesOf('shuffled')
  await appendAll(readingsOf(straight))
  const doubled = [...readingsOf(shuffled), ...readingsOf(shuffled)]
  const order = doubled.map((reading, index) => ({ reading, rank: (index * 7919) % 2_003 }))
  await appendAll(order.sort((a, b) => a.rank - b.rank).map((each) => each.reading))

  await drain({ log, views, clock })

  const [left, right] = [await outcomeOf(straight), await outcomeOf(shuffled)]
  expect(right.counting.map(withoutMeter)).toEqual(left.counting.map(withoutMeter))
  // How often a word was said again after another one depends on the order.
  expect(right.versions.length).toBeGreaterThanOrEqual(left.versions.length - 120)
})

test('the store is killed and returns: the loop waits and continues', async () => {
  const named = namesOf('restart')
  const stop = new AbortController()
  let retries = 0
  const member = { topics: Object.keys(partitions), leaseMs: 10_000, name: 'one' }
  const membership = await log.join('archive', member)
  const watched = { signal: stop.signal, onRetry: () => retries++ }
  const running = runArchive({ log, views, clock, membership }, watched)
  await appendAll(readingsOf(named).slice(0, 400))
  await server.kill()
  await appendAll(readingsOf(named).slice(400))
  await server.restart()

  await expect
    .poll(async () => (await outcomeOf(named)).versions.length, { timeout: 30_000 })
    .toBe(1080)
  stop.abort()
  await running
  expect(retries).toBeLessThan(10)
})

test('retention waits for the archive from its first turn on', async () => {
  const small = mkdtempSync(path.join(tmpdir(), 'wattproof-archive-'))
  const short = await openLmdbLog({ dir: small, partitions, retainRecordsMax: 2 })
  const named = namesOf('retained')
  await openArchive({ log: short, views, clock })
  for (const reading of readingsOf(named).slice(0, 50)) {
    await short.append('readings.v1', 0, [recordOf(encodeFrame([reading]))])
  }

  expect(await drain({ log: short, views, clock })).toBe(50)
  expect((await outcomeOf(named)).versions).toHaveLength(50)
  await short.close()
  rmSync(small, { recursive: true, force: true })
})

test('what is no interval of its meter is rejected, and kept with the dead letters', async () => {
  const [meter] = namesOf('kolkata')
  let total = emptyCounters
  const onBatch = ({ counters }: ArchiveBatch) => {
    total = addCounters(total, counters)
  }
  const ports = { log, views, clock }
  const partitions = await openArchive(ports)
  const row = { zone: 'Asia/Kolkata', groups: 'g', interval_s: 3600, account: '', version: 1 }
  await views.insert('meters', [{ ...row, meter: meter! }])
  const midnightMs = Date.parse('2013-01-07T00:00+05:30')
  const fits = aReading({ meter: meter!, startMs: midnightMs, durationS: 3600 })
  const overlaps = { ...fits, startMs: midnightMs + stepMs }
  const short = { ...fits, startMs: midnightMs, durationS: 1800 }
  await appendAll([overlaps, fits])
  await archiveStep(ports, partitions, { onBatch })
  // Once the step is known to be another one, a record is judged by it.
  const fromMs = Date.parse('2013-01-08T00:00+05:30')
  const steps = [
    { fromMs: 0, intervalS: 3600, gridOffsetS: 0 },
    { fromMs, intervalS: 1800, gridOffsetS: 0 },
  ]
  await appendAll([short, { ...short, startMs: fromMs }])
  await views.insert('meters', [
    { ...row, meter: meter!, version: 2, interval_s: 1800, steps: JSON.stringify(steps) },
  ])
  await archiveStep(ports, partitions, { onBatch })

  const { versions } = await outcomeOf([meter!])
  const starts = versions.map((each) => JSON.parse(each).start_ms)
  expect(starts).toEqual([midnightMs, fromMs])
  expect(total).toMatchObject({ read: 4, accepted: 2, duplicate: 0, rejected: 2 })
  const kept = await views.query('rejected', {
    reason: 'overlap',
    source: '',
    from_offset: 0,
    limit: 10,
  })
  const originals = kept.map((each) => Buffer.from(each.original_base64, 'base64'))
  expect(originals.map((each) => decodeFrame(each).readings)).toEqual([[overlaps], [short]])
  expect(kept[0]!.detail).toContain(`of ${meter} from 2013-01-06T19:00:00.000Z on overlap its`)
  expect(JSON.parse(kept[0]!.read_as)).toEqual({ kind: 'frame' })
})

test('a reading of a 1-second meter costs the same however late in its day', async () => {
  const [meter] = namesOf('second')
  const seconds = (fromS: number, count: number) =>
    Array.from({ length: count }, (_, at) =>
      aReading({ meter: meter!, startMs: startMs + (fromS + at) * 1000, durationS: 1 }),
    )
  const cost = { queries: 0, rows: 0 }
  const query = (async (name: 'largest_words', ...given: [never]) => {
    const rows = await views.query(name, ...given)
    cost.queries += 1
    if (name === 'largest_words') cost.rows += rows.length
    return rows
  }) as Views['query']
  const ports = { log, views: { ...views, query }, clock }
  const partitions = await openArchive(ports)
  const costOf = async (readings: readonly Reading[]) => {
    Object.assign(cost, { queries: 0, rows: 0 })
    await appendAll(readings)
    while ((await archiveStep(ports, partitions)) > 0);
    return { ...cost }
  }
  await costOf(seconds(3_599, 1))
  const firstHour = await costOf(seconds(3_600, 1))
  await costOf(seconds(3_601, 9_000))
  // One question whether meters were enrolled, and none for words.
  expect(firstHour).toEqual({ queries: 1, rows: 0 })
  expect(await costOf(seconds(12_601, 1))).toEqual(firstHour)
  // What is late, or said again, asks for its interval and no more.
  const early = await costOf(seconds(3_605, 1))
  expect(early).toEqual({ queries: 2, rows: 1 })
  expect(await costOf(seconds(12_601, 1))).toEqual(early)
  expect(await costOf(seconds(10, 1))).toEqual({ queries: 2, rows: 0 })
  // After a restart once more for the meters, and for the last start of one that is behind.
  const again = await openArchive(ports)
  for (const [second, queries] of [
    [12_602, 3],
    [12_603, 1],
  ] as const) {
    Object.assign(cost, { queries: 0, rows: 0 })
    await appendAll(seconds(second, 1))
    await archiveStep(ports, again)
    expect(cost.rows).toBe(0)
    expect(cost.queries).toBeLessThanOrEqual(queries)
  }
})

async function drain(ports: ArchivePorts): Promise<number> {
  const states = await openArchive(ports)
  let records = 0
  for (;;) {
    const taken = await archiveStep(ports, states, { rowsMax: 300 })
    if (taken === 0) return records
    records += taken
  }
}

/** The real engines, until the given write; nothing after it reaches them. */
function stopAtWrite(
  ports: ArchivePorts,
  { write, after }: { write: number; after: boolean },
): ArchivePorts {
  let writes = 0
  const guard = async (effect: () => Promise<void>) => {
    writes += 1
    if (writes > write || (writes === write && !after)) throw new RetryableError('Stopped.')
    await effect()
    if (writes === write) throw new RetryableError('Stopped.')
  }
  return {
    clock: ports.clock,
    log: { ...ports.log, commit: (name, at) => guard(() => ports.log.commit(name, at)) },
    views: { ...ports.views, insert: (set, rows) => guard(() => ports.views.insert(set, rows)) },
  }
}

function namesOf(prefix: string): string[] {
  return meters.map((meter) => `${prefix}-${meter}`)
}

/** Four days; every eighth interval is restated by the source. */
function readingsOf(names: readonly string[]): Reading[] {
  return Array.from({ length: 4 * 48 }, (_, slot) =>
    names.flatMap((name, site) => {
      const value = 100_000 + slot * 100 + site
      const first = readingAt(name, slot, { value, revision: 0 })
      return slot % 8 === 0
        ? [first, readingAt(name, slot, { value: value + 7, revision: 1 })]
        : [first]
    }),
  ).flat()
}

/** Everything, four hours of the first site last of all, and every first version once more. */
async function fillLog(names: readonly string[]): Promise<void> {
  const isHeldBack = ({ meter, startMs: ms }: Reading) =>
    meter === names[0] && ms < startMs + 8 * stepMs
  await appendAll(readingsOf(names).filter((each) => !isHeldBack(each)))
  await appendAll(readingsOf(names).filter(isHeldBack))
  await appendAll(readingsOf(names).filter((each) => each.revision === 0))
  const deadLetters = [deadLetter('not-a-number'), deadLetter('bad-meter-id')]
  await log.append('readings.v1.rejected', 0, deadLetters.map(recordOf))
  await log.append('readings.v1', 0, [recordOf(bytes('no frame at all'))])
}

async function appendAll(readings: readonly Reading[]): Promise<void> {
  const size = readings.length > 10_000 ? 20_000 : 100
  for (let first = 0; first < readings.length; first += size) {
    const some = readings.slice(first, first + size)
    for (const partition of [0, 1]) {
      const own = some.filter((each) => partitionOf(each.meter, 2) === partition)
      if (own.length === 0) continue
      await log.append('readings.v1', partition, [recordOf(encodeFrame(own))])
    }
  }
}

async function outcomeOf(names: readonly string[]) {
  const range = { meters: [...names], from_ms: 0, to_ms: startMs * 2 }
  const versions = await views.query('words_between', {
    ...range,
    ...{ log_partition: 0xffff, log_offset: 0 },
  })
  const counting = await views.query('counting_readings', { ...range, as_of: [] })
  await expectReplayed(views, versions)
  const distinct = [...new Set(versions.map((row) => JSON.stringify(row)))].sort()
  return { versions: distinct, counting, counters: await archiveCounters() }
}

async function archiveCounters(): Promise<Record<string, number>> {
  const rows = await views.query('ingest_counters')
  const { layer: _, ...counters } = rows.find((row) => row.layer === 'archive') ?? {
    layer: '',
    read: 0,
  }
  return counters as Record<string, number>
}

async function places() {
  const topics = ['readings.v1', 'readings.v1.rejected']
  const all = await Promise.all(
    topics.map(async (topic) =>
      (await log.progress('archive', topic)).map(({ partition }) => ({ topic, partition })),
    ),
  )
  return all.flat()
}

function withoutMeter<Row extends { readonly meter: string }>(row: Row) {
  return { ...row, meter: row.meter.split('-').at(-1) }
}

function readingAt(
  name: string,
  slot: number,
  { value, revision }: { value: number; revision: number },
): Reading {
  return {
    meter: meterId(name),
    startMs: startMs + slot * stepMs,
    durationS: 1800,
    energyMwh: energyMwh(value),
    powerW: Math.fround(value * 0.002),
    reactiveVar: null,
    quality: 2,
    revision,
    ...stated,
  }
}

function deadLetter(reason: 'not-a-number' | 'bad-meter-id'): Uint8Array {
  const original = bytes('x,y')
  const place = { source: 'a.csv', index: 3, line: 5, column: 'A', value: 'y' }
  return encodeDeadLetter({ reason, detail: 'A sentence.', original, ...place, readAs: '' }, 5)
}

function recordOf(value: Uint8Array) {
  return { key: bytes('k'), value }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
