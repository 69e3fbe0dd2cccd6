import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { intervalAt, isOnGrid } from '../../schemas/meter/grid.ts'
import type { MeterKind } from '../../schemas/meter/kind.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { readingsOf } from '../../schemas/reading/readingColumns.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { voidGroupRows } from '../publish/speedRows.ts'
import { liveRows, sumRows } from '../testing/publishedRows.ts'
import { advanceChanges } from './advanceChanges.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { processRecords, unknownMeters } from './processRecords.ts'
import {
  type BaselineRow,
  createSpeedState,
  enrolMeters,
  isOutdated,
  replayFromMs,
  type SpeedState,
  setBaselines,
} from './speedState.ts'

/**
 * Enrolments change while the speed layer reads, is killed and replays. What counts is what a
 * reader sees in the end: the rows of a layer that had known the last enrolments from the start.
 */
const partitions = 2
const minuteMs = 60_000
// Midnight in Kolkata, half past the hour in UTC: an hourly interval contains it.
const midnightMs = Date.UTC(2013, 9, 26, 18, 30)
const names = ['a', 'b', 'c', 'd'] as MeterId[]
const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 1_000_000 }

const meter = fc.record({
  meter: fc.constantFrom(...names),
  zone: fc.constantFrom('Asia/Kolkata', 'Europe/London'),
  site: fc.constantFrom('S', 'T'),
  kind: fc.constantFrom<MeterKind>('net', 'import', 'export', 'load', 'generation', 'appliance'),
  groups: fc.constantFrom(
    [memberOf('G')],
    [memberOf('H')],
    [memberOf('G'), memberOf('feeder:F')],
    // It moves on the day, and into a feeder for an hour of it.
    [
      { ...memberOf('G'), untilMs: midnightMs + 60 * minuteMs },
      { ...memberOf('H'), fromMs: midnightMs + 60 * minuteMs },
      { ...memberOf('feeder:F'), fromMs: midnightMs, untilMs: midnightMs + 60 * minuteMs },
    ],
  ),
  intervalS: fc.constantFrom(900, 1800, 3600),
})
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ enrol: meter.map(aMeter) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      read: fc.constantFrom(...names),
      slot: fc.integer({ min: -3, max: 5 }),
      kwh: fc.constantFrom(0.1, 0.577, 1.337001, 2.618034),
    }),
  },
  // Records of each partition in one micro-batch.
  { weight: 6, arbitrary: fc.record({ batch: fc.tuple(fc.nat(3), fc.nat(3)) }) },
  { weight: 2, arbitrary: fc.constant({ isPolled: true as const }) },
  { weight: 2, arbitrary: fc.record({ killed: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.constant({ isPublished: true as const }) },
)

test('enrolments, readings, kills and generations end with the rows of the last enrolments', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const world = createWorld()
      for (const each of steps) take(world, each)
      settle(world)
      expect(visible(world)).toEqual(visible(fromScratch(world)))
    }),
    { numRuns: 400 },
  )
})

test('a meter that moves to another group leaves its sums, also as the last member', () => {
  const world = createWorld()
  enrol(world, hourly('a', { groups: [memberOf('G')] }))
  enrol(world, hourly('b', { groups: [memberOf('H')] }))
  for (const name of ['a', 'b'] as MeterId[]) append(world, { read: name, slot: 1, kwh: 1 })
  settle(world)
  expect(sumsOf(world)).toEqual(['G 1 1000', 'H 1 1000'])

  enrol(world, hourly('a', { groups: [memberOf('H')] }))
  settle(world)
  // 1 kWh in an hour is 1 kW.
  expect(sumsOf(world)).toEqual(['H 2 2000'])
  // The offsets of G's remaining readings no longer exceed those with `a` in it.
  enrol(world, hourly('b', { groups: [memberOf('G')] }))
  settle(world)
  expect(sumsOf(world)).toEqual(['G 1 1000', 'H 1 1000'])
})

test('a net meter takes the place of what is behind it; with one missing a site has none', () => {
  const world = createWorld()
  enrol(world, hourly('a', { site: 'S', kind: 'load' }))
  enrol(world, hourly('b', { site: 'S', kind: 'generation' }))
  for (const name of ['a', 'b'] as MeterId[]) append(world, { read: name, slot: 1, kwh: 1 })
  append(world, { read: 'a' as MeterId, slot: 2, kwh: 1 })
  settle(world)
  // What is used less what is made; of the second hour one of the two is missing.
  expect(sumsOf(world)).toEqual(['G 1 0'])
  enrol(world, hourly('c', { site: 'S', kind: 'net' }))
  append(world, { read: 'c' as MeterId, slot: 1, kwh: 0.5 })
  settle(world)
  expect(sumsOf(world)).toEqual(['G 1 500'])
})

test('a meter counts in each of its groups, and only while it is in them', () => {
  const world = createWorld()
  const fromMs = midnightMs + 90 * minuteMs
  enrol(world, hourly('a', { groups: [{ ...memberOf('G'), fromMs }, memberOf('feeder:F')] }))
  for (const slot of [1, 2, 3]) append(world, { read: 'a' as MeterId, slot, kwh: 1 })
  settle(world)
  // Slot 1 begins 60 min after midnight, before it is in G.
  expect(sumsOf(world).sort()).toEqual([
    'G 1 1000',
    'G 1 1000',
    ...Array(3).fill('feeder:F 1 1000'),
  ])
})

test('an hourly meter makes the half-hours of its group void', () => {
  const world = createWorld()
  enrol(world, hourly('a', { intervalS: 1800 }))
  // 19:30 and 20:00 UTC: an hour in Kolkata.
  for (const slot of [2, 3]) append(world, { read: 'a' as MeterId, slot, kwh: 1 })
  settle(world)
  expect(sumsOf(world)).toEqual(['G 1 2000', 'G 1 2000'])

  enrol(world, hourly('b'))
  settle(world)
  expect(sumsOf(world)).toEqual(['G 1 2000'])
})

test('a new group whose interval contains the high-water mark needs readings before it', () => {
  const world = createWorld()
  enrol(world, hourly('a', { intervalS: 1800 }))
  world.life = startLife(world, 0)
  enrol(world, hourly('b', { groups: [memberOf('H')], zone: 'Europe/London' }))
  enrol(world, hourly('c', { groups: [memberOf('H')], intervalS: 1800 }))
  // 18:00 and 18:30 UTC, where the high-water mark is.
  for (const slot of [-1, 0]) append(world, { read: 'c' as MeterId, slot, kwh: 1 })
  settle(world)
  expect(sumsOf(world)).toEqual(['H 1 2000'])
})

test('a kill before the void sums are written is made good by the next life', () => {
  const world = createWorld()
  enrol(world, hourly('a', { groups: [memberOf('G')] }))
  append(world, { read: 'a' as MeterId, slot: 1, kwh: 1 })
  settle(world)
  enrol(world, hourly('a', { groups: [memberOf('H')] }))
  world.life = startLife(world, 0)
  batch(world, [9, 9])
  expect(sumsOf(world)).toEqual(['G 1 1000', 'H 1 1000'])
  world.life = startLife(world, 1)
  settle(world)
  expect(sumsOf(world)).toEqual(['H 1 1000'])
})

test('enrolments that change no published row leave the state as it is', () => {
  const world = createWorld()
  enrol(world, hourly('a'))
  const { state } = startLife(world, 0)
  const account = `0x${'1'.repeat(40)}` as const
  expect(isOutdated(state, [hourly('a', { account })])).toBe(false)
  expect(isOutdated(state, [hourly('b', { intervalS: 1800 })])).toBe(false)
  expect(isOutdated(state, [hourly('b', { groups: [memberOf('H')] })])).toBe(false)
  for (const change of [
    { groups: [memberOf('H')] },
    { intervalS: 1800 },
    { zone: 'Europe/London' },
  ]) {
    expect(isOutdated(state, [hourly('a', { ...change })])).toBe(true)
  }
  expect(isOutdated(state, [hourly('b', { intervalS: 7200 })])).toBe(true)
})

type Row = Readonly<Record<string, unknown>>
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
type Life = {
  readonly state: SpeedState
  readonly next: number[]
  readonly until: readonly number[]
  isReplayed: boolean
}
type World = {
  readonly meters: Map<MeterId, Meter>
  revision: number
  generation: number
  highWaterMs: number
  /** Baselines of the meters that were enrolled when the generation was published. */
  baselines: BaselineRow[]
  readonly log: ReadRecord[][]
  /** What ReplacingMergeTree keeps: the largest version of each key, the last of equal ones. */
  readonly rows: Map<string, Row>
  life: Life
}

function createWorld(): World {
  const log: ReadRecord[][] = [[], []]
  const world = {
    ...{ meters: new Map(), revision: 0, generation: 3, highWaterMs: midnightMs },
    ...{ log, rows: new Map<string, Row>(), baselines: [] },
  }
  return { ...world, life: startLife(world, 0) }
}

function take(world: World, each: Step): void {
  if ('enrol' in each) enrol(world, each.enrol)
  else if ('read' in each) append(world, each)
  else if ('batch' in each) batch(world, each.batch)
  else if ('isPolled' in each) poll(world)
  else if ('killed' in each) world.life = startLife(world, each.killed)
  else publish(world)
}

function publish(world: World): void {
  world.generation += 1
  world.highWaterMs += 30 * minuteMs
  world.baselines = [...world.meters.values()].flatMap((each) =>
    Array.from({ length: 24 }, (_, slot) => {
      const { meter, intervalS } = each
      const startMs = startOf(each, slot - 9)
      const baselineMwh = 500_000 + 10_000 * slot
      return { meter, startMs, durationS: intervalS, baselineMwh, sigmaW: 100 }
    }),
  )
  world.life = startLife(world, 0)
}

function hourly(name: string, changes: Partial<Meter> = {}): Meter {
  const usual = { zone: 'Asia/Kolkata', group: 'G', intervalS: 3600 }
  return aMeter({ ...usual, ...changes, meter: name })
}

/** The API refuses other intervals than those of the readings that are in the log. */
function enrol(world: World, each: Meter): void {
  const own = world.log.flatMap((records) => records.flatMap(({ columns }) => readingsOf(columns)))
  const areIntervals = own.every(({ meter, startMs, durationS }) => {
    return meter !== each.meter || isOnGrid(each, startMs, durationS)
  })
  if (!areIntervals) return
  if (JSON.stringify(world.meters.get(each.meter)) === JSON.stringify(each)) return
  world.meters.set(each.meter, each)
  world.revision += 1
}

type Read = { readonly read: MeterId; readonly slot: number; readonly kwh: number }

/** Slots are counted from the one that contains 18:30 UTC. */
function startOf(meter: Meter, slot: number): number {
  return intervalAt(meter, midnightMs).startMs + slot * meter.intervalS * 1000
}

/** The API accepts readings of enrolled meters only. */
function append({ meters, log }: World, { read, slot, kwh }: Read): void {
  const meter = meters.get(read)
  if (meter === undefined) return
  const partition = partitionOf(read, partitions)
  const reading: Reading = {
    ...{ meter: read, startMs: startOf(meter, slot), durationS: meter.intervalS },
    ...{ energyMwh: energyMwh(kwh * 1_000_000), powerW: null, reactiveVar: null },
    ...{ quality: quality.measured, revision: 0, ...stated },
  }
  const offset = log[partition]!.length
  const at = { partition, offset, loggedMs: offset }
  log[partition]!.push({ ...at, columns: columnsOf([reading]), act: null, isFrame: true })
}

/** A life replays from some offset at or before the first that its state depends on. */
function startLife(world: Omit<World, 'life'>, early: number): Life {
  const { generation, revision, highWaterMs, log } = world
  const meters = [...world.meters.values()]
  const at = { generation, revision, highWaterMs, partitions, options, meters }
  const state = createSpeedState(at)
  setBaselines(state, world.baselines)
  const fromMs = replayFromMs(state)
  const next = log.map((records) => {
    const needed = records.findIndex(({ columns }) => columns.t0Ms >= fromMs)
    return Math.floor((needed < 0 ? records.length : needed) * (1 - early))
  })
  return { state, next, until: log.map((records) => records.length), isReplayed: false }
}

/** As `processBatch` does it. */
function batch(world: World, sizes: readonly number[]): void {
  const { life, log, meters } = world
  const { state, next } = life
  finishReplay(world)
  const records = log.flatMap((each, at) => each.slice(next[at], next[at]! + sizes[at]!))
  if (unknownMeters(state, records).size > 0) {
    if (isOutdated(state, meters.values())) {
      world.life = startLife(world, 0)
      return
    }
    enrolMeters(state, meters.values())
  }
  const { deviations, groups } = advanceChanges(state, processRecords(state, records).changes)
  insert(world, 'meter', liveRows(state, deviations))
  insert(world, 'group_id', sumRows(state, groups))
  for (const { partition } of records) next[partition]! += 1
}

function finishReplay(world: World): void {
  const { state, next, until, isReplayed } = world.life
  if (isReplayed || next.some((offset, at) => offset < until[at]!)) return
  const { generation, revision, highWaterMs } = state
  const floor = (BigInt(generation) << 104n) + (BigInt(revision) << 40n)
  const sums = [...world.rows.values()].flatMap((row) => {
    const { group_id, start, duration_s, members, version } = row as Record<string, number>
    const isSum = members !== undefined && members > 0 && BigInt(version!) < floor
    const isOpen = start! + duration_s! * 1000 > highWaterMs
    const sum = { group_id: String(group_id), start_ms: start!, duration_s: duration_s! }
    return isSum && isOpen ? [sum] : []
  })
  insert(world, 'group_id', voidGroupRows(state, sums))
  world.life.isReplayed = true
}

function poll(world: World): void {
  const { state, isReplayed } = world.life
  if (isReplayed && isOutdated(state, world.meters.values())) world.life = startLife(world, 0)
}

/** Until nothing is left to do: no record, no void sum, no change of the enrolments. */
function settle(world: World): void {
  let life: Life | undefined
  while (life !== world.life) {
    life = world.life
    for (let turn = 0; turn < 3; turn++) batch(world, [99, 99])
    poll(world)
  }
}

function insert({ rows }: World, subject: string, inserted: readonly Row[]): void {
  for (const row of inserted) {
    const key = `${subject} ${row[subject]} ${row.start}`
    const known = rows.get(key)
    if (!known || (known.version as bigint) <= (row.version as bigint)) rows.set(key, row)
  }
}

/** A layer that reads the same log once, with the last enrolments and the last generation. */
function fromScratch(world: World): World {
  const fresh = { ...world, rows: new Map<string, Row>(), life: startLife(world, 0) }
  settle(fresh)
  return fresh
}

/** What the merged queries select of the speed view, without versions. */
function visible({ rows, highWaterMs }: World): [string, Row][] {
  const entries = [...rows].sort(([left], [right]) => (left < right ? -1 : 1))
  return entries.flatMap(([key, { version: _, ...row }]): [string, Row][] => {
    const startMs = row.start as number
    const endMs = startMs + (row.duration_s as number) * 1000
    const isSeen = 'members' in row ? endMs > highWaterMs && row.members !== 0 : true
    return isSeen && ('members' in row || startMs >= highWaterMs) ? [[key, row]] : []
  })
}

function sumsOf(world: World): string[] {
  const sums = visible(world).filter(([, row]) => 'members' in row)
  return sums.map(([, row]) => `${row.group_id} ${row.members} ${row.load_w}`)
}
