import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../deploy/testing/testClickHouse.ts'
import { deviationDefaults } from '../schemas/deviation/options.ts'
import { ViewsUnreachableError } from '../schemas/errors/views.ts'
import { type MeterId, partitionOf } from '../schemas/ids.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Given, Views } from '../schemas/ports/views.ts'
import { quality, type Reading } from '../schemas/reading/reading.ts'
import { stated } from '../schemas/reading/testing/aReading.ts'
import type { QueryName } from '../schemas/sql/catalogue/catalogue.ts'
import type { InsertRow, RowSetName } from '../schemas/sql/rowSets.ts'
import { localDayNamed } from '../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { energyMwh, meanPowerW } from '../schemas/units.ts'
import { advance, createFollower, type Follower } from './advance.ts'
import { createMeterRegistry } from './api/registry.ts'
import type { Shell } from './following.ts'
import { framesOf } from './ingest/framesOf.ts'

/** Four one-minute meters in one group; three of one partition, so that its readings come later. */
const zone = 'Europe/London'
const partitions = 2
const minuteMs = 60_000
const day = localDayNamed('2013-02-11', zone)
const names = Array.from({ length: 50 }, (_, at) => `m${at}` as MeterId)
const ofPartition = (partition: number) =>
  names.filter((name) => partitionOf(name, partitions) === partition)
const meters = [...ofPartition(0).slice(0, 3), ofPartition(1)[0]!]
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-advance-'))

let server: TestClickHouse
let stored: Views
let stream: Log
let shell: Shell
let follower: Follower
let version = 0
/** Faults and observations between the layer and its real stores. */
let refusing: ReadonlySet<RowSetName> = new Set()
/** By row set, its inserts in the order in which they began and resolved. */
let inserts: string[] = []
let replays = 0
let offsetsRead: number[] = []
let reports: string[] = []
let promisedEarly: InsertRow<'watermarks' | 'shown_enrolments'>[] = []
/** Queries that fail, and how often. */
let unanswered: QueryName[] = []

beforeAll(async () => {
  server = await startTestClickHouse()
  stored = await openClickHouseViews({ url: server.url })
  const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
  stream = await openLmdbLog({ dir, partitions: topics })
  await enrol(meters, 'G')
  await publishGeneration(1)
})
afterAll(async () => {
  await Promise.all([stored.close(), stream.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  refusing = new Set()
  inserts = []
  replays = 0
  offsetsRead = []
  reports = []
  promisedEarly = []
  unanswered = []
  shell = openShell()
  follower = createFollower()
})

test('what a store refuses is kept and tried again; nothing is replayed', async () => {
  await append(0, 30)
  await settle()
  expect(replays).toBe(1)

  refusing = new Set(['speed_deviation', 'speed_group', 'ingest_counters', 'watermarks'])
  for (const minute of [30, 31, 32]) {
    await append(minute, minute + 1)
    await advance(shell, follower)
  }
  // Some pauses later it is still the same failure, and is reported once.
  await expect.poll(() => offerAgain(), { timeout: 20_000, interval: 50 }).toBeGreaterThan(2)
  expect(reports).toEqual([expect.stringContaining('The speed layer tries again: ')])
  expect((await groupRows()).length).toBe(30)

  refusing = new Set()
  const sumsAfter = async () => {
    await settle()
    return (await groupRows()).length
  }
  await expect.poll(sumsAfter, slow).toBe(33)
  expect((await groupRows()).every(({ members }) => members === 4)).toBe(true)
  expect(replays).toBe(1)
  // Each offset of the one partition was read once: nothing was read again.
  expect(offsetsRead).toEqual([...new Set(offsetsRead)].sort((left, right) => left - right))
})

test('sums and few rows are stored at once, and a watermark that rises after all', async () => {
  await settle()
  inserts = []
  await append(33, 34)
  await settle()
  const at = (what: string) => inserts.indexOf(what)
  for (const first of ['speed_group', 'speed_deviation', 'ingest_counters']) {
    expect(at(`${first} begins`)).toBeLessThan(3)
    expect(at(`${first} is stored`)).toBeLessThan(at('watermarks begins'))
  }
  expect(inserts.filter((what) => what === 'speed_deviation begins')).toHaveLength(1)

  inserts = []
  await append(33, 34)
  await settle()
  expect(inserts).toEqual(['ingest_counters begins', 'ingest_counters is stored'])
})

test('a micro-batch is sent to an idle store at once, and not with the next one', async () => {
  await settle()
  for (const _ of ['a first one', 'one after it']) {
    inserts = []
    // Repeats, which are counted.
    await append(33, 34)
    await advance(shell, follower)
    expect(inserts).toContain('ingest_counters begins')
    await expect.poll(() => inserts, slow).toContain('ingest_counters is stored')
  }
})

test('a kill between sums and rows leaves nothing wrong', async () => {
  await settle()
  const [reached, committed] = [await watermarks(), await commits()]
  refusing = new Set(['speed_deviation'])
  await append(34, 36)
  await expect.poll(() => offerAgain(), slow).toBeGreaterThan(0)
  await expect.poll(groupRows, slow).toHaveLength(36)
  expect((await meterRows()).length).toBe(4 * 34)
  // Nothing promises the rows.
  expect([await watermarks(), await commits()]).toEqual([reached, committed])

  // The process is gone, and with it what it kept; of the next one nothing is refused.
  refusing = new Set()
  follower = createFollower()
  await settle()
  const rows = await meterRows()
  expect(rows).toHaveLength(4 * 36)
  for (const { start_ms, members, load_w } of await groupRows()) {
    const own = rows.filter((row) => row.start_ms === start_ms)
    const totalMwh = own.reduce((sum, row) => sum + row.energy_mwh, 0)
    expect([members, load_w]).toEqual([4, meanPowerW(totalMwh, 60)])
  }
  expect(Math.min(...(await watermarks()))).toBeGreaterThan(Math.min(...reached))
})

test('a newer generation shows no partial sums and no earlier watermark', async () => {
  // So that a replay takes several turns.
  shell = { ...shell, readingsMax: 2_000 }
  for (let minute = 36; minute < 5_000; minute += 146) await append(minute, minute + 146)
  await settle()
  expect((await groupRows()).length).toBe(5_000)
  const before = { replays, watermarks: await watermarks() }

  // Three in a row: one replay at a time, and none of them is started anew.
  let [generation, turns, turnsUnderWay, minutes] = [2, 0, 0, 5_000]
  await publishGeneration(generation)
  promisedEarly = []
  let low = before.watermarks
  while (follower.current?.state.generation !== 4 || follower.current.backlog) {
    await advance(shell, follower)
    expect(follower.current).not.toBeNull()
    const isUnderWay = follower.next !== null
    turnsUnderWay += Number(isUnderWay)
    if (isUnderWay && generation < 4) await publishGeneration(++generation)
    if (isUnderWay || turns % 4 === 0) {
      const sums = await groupRows()
      expect(sums.length).toBeGreaterThanOrEqual(5_000)
      expect(sums.every(({ members }) => members === 4)).toBe(true)
      const reached = await watermarks()
      expect(reached.every((each, partition) => each >= low[partition]!)).toBe(true)
      low = reached
    }
    // Live readings go on meanwhile, also while the rest of a state is published.
    if (isUnderWay || turns % 4 === 0 || follower.current?.backlog) {
      await append(minutes, ++minutes)
    }
    turns += 1
    await systemClock().sleep(5)
  }
  await settle()
  expect(turnsUnderWay).toBeGreaterThan(4)
  // What is left to publish is not said to be shown.
  expect(promisedEarly).toEqual([])
  expect(await shownGeneration()).toBe(4)
  expect(replays - before.replays).toBeLessThanOrEqual(3)
  // The baseline of generation 4, of the last minute too.
  const range = { from_ms: day.startMs, to_ms: day.startMs + 3 * minuteMs, limit: 9, group: '' }
  const rows = await stored.query('merged_deviation', { ...range, meter: meters[0]! })
  expect(rows.map((row) => row.baseline_mwh)).toEqual([40_000, 40_000, 40_000])
  expect((await groupRows()).length).toBe(minutes)
}, 240_000)

test('many changes of enrolments make few replays, which end with the last one', async () => {
  await settle()
  const before = replays
  for (let change = 0; change < 20; change++) {
    await enrol([meters[change % 4]!], change % 2 === 0 ? 'H' : 'G')
    await advance(shell, follower)
  }
  await enrol(meters, 'J')
  const isFollowed = async () => {
    await settle()
    return follower.current?.state.revision
  }
  await expect.poll(isFollowed, slow).toBe(version)
  await settle()
  expect(replays - before).toBeLessThan(10)
  const sums = await groupRows()
  expect(new Set(sums.map(({ group_id }) => group_id))).toEqual(new Set(['J']))
  expect(sums.every(({ members }) => members === 4)).toBe(true)
  expect(promisedEarly).toEqual([])
  expect(await enrolmentsShown()).toEqual({ enrolled: version, shown: version })
}, 240_000)

test('an enrolment that changes nothing shown is shown at once, and replays nothing', async () => {
  await settle()
  const before = replays
  await enrol(meters, 'J')
  expect(await enrolmentsShown()).toEqual({ enrolled: version, shown: version - 1 })
  await expect.poll(settledShown, slow).toEqual({ enrolled: version, shown: version })
  // A new one is not in the log yet.
  await enrol(['unheard' as MeterId], 'K')
  await expect.poll(settledShown, slow).toEqual({ enrolled: version, shown: version })
  expect(replays).toBe(before)
})

test('a replay for an enrolment that a store has cut off is made later', async () => {
  await settle()
  await enrol(meters, 'L')
  unanswered = ['baselines_ahead']
  await expect.poll(settledShown, slow).toEqual({ enrolled: version, shown: version })
  expect(unanswered).toEqual([])
  expect(new Set((await groupRows()).map(({ group_id }) => group_id))).toEqual(new Set(['L']))
}, 240_000)

const slow = { timeout: 60_000, interval: 100 }

/** How often the layer offered the publication that the store refuses. */
let refused = 0
async function offerAgain(): Promise<number> {
  await advance(shell, follower)
  return refused
}

function openShell(): Shell {
  const views: Views = {
    ...stored,
    insert: async (rowSet, rows) => {
      if (refusing.has(rowSet)) {
        refused += 1
        const what = `insert into ${rowSet}`
        throw new ViewsUnreachableError({ what, reason: 'refused' }, null)
      }
      inserts.push(`${rowSet} begins`)
      if (rowSet === 'watermarks') notePromised(rows as InsertRow<'watermarks'>[])
      if (rowSet === 'shown_enrolments') noteShown(rows as InsertRow<'shown_enrolments'>[])
      await stored.insert(rowSet, rows)
      inserts.push(`${rowSet} is stored`)
    },
    query: <Name extends QueryName>(name: Name, ...given: Given<Name>) => {
      if (name === 'replay_offsets') replays += 1
      if (unanswered.includes(name)) {
        unanswered = unanswered.filter((each) => each !== name)
        throw new ViewsUnreachableError({ what: name, reason: 'refused' }, null)
      }
      return stored.query(name, ...given)
    },
  }
  const log: Log = {
    ...stream,
    read: async (from, recordsMax) => {
      const records = await stream.read(from, recordsMax)
      if (from.topic === readingsTopic && from.partition === 0) {
        offsetsRead.push(...records.map(({ position }) => position.offset))
      }
      return records
    },
  }
  return {
    ...{ log, views, clock: systemClock(), partitions, registry: createMeterRegistry(views) },
    signal: new AbortController().signal,
    options: { ...deviationDefaults, latenessS: 3_600, cellsMax: 1_000_000 },
    report: (sentence) => reports.push(sentence),
  }
}

/** A watermark of a generation promises all of its rows. */
function notePromised(rows: readonly InsertRow<'watermarks'>[]): void {
  const { current } = follower
  if (!current?.backlog) return
  const { generation } = current.state
  promisedEarly.push(...rows.filter((row) => BigInt(row.version) >> 40n === BigInt(generation)))
}

/** The same of the revision of its enrolments. */
function noteShown(rows: readonly InsertRow<'shown_enrolments'>[]): void {
  const { current } = follower
  if (!current?.backlog) return
  promisedEarly.push(...rows.filter(({ revision }) => Number(revision) >= current.state.revision))
}

async function enrolmentsShown() {
  return (await stored.query('enrolments_shown'))[0]
}

async function settledShown() {
  await settle()
  return enrolmentsShown()
}

async function settle(): Promise<void> {
  while (await advance(shell, follower));
}

async function enrol(moved: readonly MeterId[], groups: string): Promise<void> {
  version += 1
  const rows = moved.map((meter) => ({ meter, version, zone, groups, interval_s: 60 }))
  await stored.insert(
    'meters',
    rows.map((row) => ({ ...row, account: '' })),
  )
}

/** From the first day's midnight on, with baselines of its first hour. */
async function publishGeneration(generation: number): Promise<void> {
  const rows = meters.flatMap((meter) =>
    Array.from({ length: 60 }, (_, minute) => ({
      ...{ run: generation, meter, start: day.startMs + minute * minuteMs, duration_s: 60 },
      ...{ baseline_mwh: 10_000 * generation, sigma_w: 90 },
    })),
  )
  await stored.insert('batch_baseline', rows)
  const at = { high_water: day.startMs, horizon: day.endMs, created: day.startMs }
  const pointer = { generation, run: generation, inputs: '', model_id: '', ...at }
  await stored.insert('generations', [pointer])
}

/** A reading of each meter and minute. */
async function append(from: number, to: number): Promise<void> {
  const readings = Array.from({ length: to - from }, (_, at) => at + from).flatMap((minute) =>
    meters.map((meter): Reading => {
      const startMs = day.startMs + minute * minuteMs
      return {
        ...{ meter, startMs, durationS: 60, energyMwh: energyMwh(10_000 + (minute % 97)) },
        ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
      }
    }),
  )
  for (const [partition, { frames }] of framesOf(readings, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await stream.append(readingsTopic, partition, records)
  }
}

const range = { from_ms: day.startMs, to_ms: day.startMs + 20 * 86_400_000, group: '' }

async function groupRows() {
  return stored.query('merged_group', { ...range, limit: 50_000 })
}

async function meterRows() {
  return stored.query('merged_deviation', { ...range, limit: 9_000, meter: '' })
}

async function commits(): Promise<number[]> {
  return (await stream.progress('speed', readingsTopic)).map(({ committed }) => committed)
}

async function shownGeneration(): Promise<number> {
  return Math.max(...(await stored.query('watermarks')).map((row) => row.generation))
}

async function watermarks(): Promise<number[]> {
  return (await stored.query('watermarks')).map((row) => row.watermark_ms)
}
