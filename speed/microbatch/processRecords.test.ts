import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { partitionOf } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { emptyCounters, quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { liveRows, sumRows } from '../testing/publishedRows.ts'
import { advanceChanges, computeChanges } from './advanceChanges.ts'
import { createBacklog } from './createBacklog.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { processRecords, type RecordCounters } from './processRecords.ts'
import { type BaselineRow, createSpeedState, type SpeedState, setBaselines } from './speedState.ts'

const zone = 'Europe/London'
const partitions = 2
// The day the clocks go back: 50 half-hours.
const day = localDayNamed('2013-10-27', zone)
const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 1_000_000 }
const meters: Meter[] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => {
  const intervalS = name === 'e' ? 900 : 1800
  return aMeter({ meter: name, zone, group: 'de'.includes(name) ? 'H' : 'G', intervalS })
})

test('the meters are in both partitions', () => {
  expect(new Set(meters.map(({ meter }) => partitionOf(meter, partitions))).size).toBe(2)
})

const readings = fc.array(
  fc.record({
    meter: fc.constantFrom(...meters),
    // Few slots, so that intervals get several versions; the last hours, and adjacent days.
    slot: fc.constantFrom(-2, -1, 0, 1, 2, 3, 4, 48, 49, 50, 51),
    kwh: fc.constantFrom(0, 0.1, 0.577, 1.337001, 2.618034, 3.302776),
    revision: fc.integer({ min: 0, max: 1 }),
    isMisaligned: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

test('batching, interleaving and a restart give the same rows and counters', () => {
  fc.assert(
    fc.property(readings, fc.infiniteStream(fc.nat()), (drawn, chance) => {
      const log = logOf(drawn.map(toReading), chance)
      const calm = createTables()
      run(log, calm, { chance: null, restarts: 0 })
      const wild = createTables()
      run(log, wild, { chance, restarts: 2 })
      expect(wild.rows()).toEqual(calm.rows())
    }),
    { numRuns: 150 },
  )
})

test('a replay that publishes once leaves the rows of one that does at each step', () => {
  fc.assert(
    fc.property(readings, fc.infiniteStream(fc.nat()), (drawn, chance) => {
      const log = logOf(drawn.map(toReading), chance)
      const step = createTables()
      run(log, step, { chance, restarts: 0 })
      const silent = createTables()
      runSilently(log, silent, chance)
      expect(silent.rows()).toEqual(step.rows())
    }),
    { numRuns: 150 },
  )
})

test('a restart that reads the partitions in the other order ends with the complete sum', () => {
  // One interval of two meters in two partitions, each the first record of its own.
  const pair = ['a', 'b'].map((name) => meters.find(({ meter }) => meter === name)!)
  const records = pair.map((meter) => record(0, [toReading({ ...drawn(2), meter })]))
  expect(new Set(records.map(({ partition }) => partition)).size).toBe(2)
  const ends = [records, records.toReversed()].map((order) => {
    const tables = createTables()
    const lives = [[order[0]!], [order[1]!, order[0]!]]
    lives.forEach((batches, life) => {
      const state = freshState()
      for (const each of batches) {
        const rows = sumRows(state, publish(state, [each]).groups)
        tables.put({ table: 'group', keys: ['group_id', 'start'], life }, rows)
      }
    })
    return tables.rows()
  })
  expect(ends[0]).toEqual(ends[1])
  // Both in the version: 1 + offset 0, twice, in generation 3 and revision 5.
  const version = (3n << 104n) + (5n << 40n) + 2n
  expect(ends[0]!.map(([, row]) => row)).toMatchObject([{ load_w: 2000, members: 1, version }])
})

test('another order of arrival with duplicates gives the same rows with other versions', () => {
  fc.assert(
    fc.property(readings, fc.infiniteStream(fc.nat()), (drawn, chance) => {
      // Each says its own revision, so that the order of arrival does not decide.
      const list = drawn.map((each, revision) => ({ ...toReading(each), revision }))
      const once = createTables()
      run(logOf(list, null), once, { chance: null, restarts: 0 })
      const twice = createTables()
      const doubled = shuffle([...list, ...list], chance)
      run(logOf(doubled, chance), twice, { chance, restarts: 0 })
      expect(twice.views()).toEqual(once.views())
    }),
    { numRuns: 150 },
  )
})

test('counters: late, duplicate and corrected, record by record', () => {
  const state = freshState()
  const at = (slot: number, part: Partial<Reading> = {}) => ({ ...toReading(drawn(slot)), ...part })
  const { counters } = processRecords(state, [
    // Before the high-water mark: accepted and late, whatever its value.
    record(0, [at(-1), at(-1)]),
    record(1, [at(0), at(0), at(0, { revision: 1 })]),
    // Ends at 14 half-hours less the hour allowed is the watermark: slot 11 ends there, 12 after.
    record(2, [at(13)]),
    record(3, [at(11), at(12), at(11)]),
  ])
  expect(counters.map((each) => Object.values(each.counters))).toEqual([
    // read, accepted, duplicate, rejected, late, corrected
    [2, 2, 0, 0, 2, 0],
    [3, 2, 1, 0, 0, 1],
    [1, 1, 0, 0, 0, 0],
    [3, 2, 1, 0, 1, 0],
  ])
})

test('a group with a finer meter is summed over its longest interval', () => {
  const state = freshState()
  const half = toReading({ ...drawn(0), meter: meters[3]!, kwh: 1 })
  const quarters = [0, 1].map((slot) => toReading({ ...drawn(slot), meter: meters[4]!, kwh: 1 }))
  const first = publish(state, [record(0, [half, quarters[0]!])])
  const second = publish(state, [record(1, [quarters[1]!])])
  // 1 kWh in half an hour is 2 kW; 1 kWh in each quarter is 4 kW.
  expect(first.groups.map((each) => [each.members, each.loadW])).toEqual([[1, 2000]])
  expect(second.groups.map((each) => [each.members, each.loadW])).toEqual([[2, 6000]])
  expect(second.groups[0]!.baselineW! + second.groups[0]!.deviationW!).toBeCloseTo(6000, 3)
})

test('a group has one sum, whatever the order of enrolment', () => {
  // 50, 100 and 150 mWh in half an hour: as floats .1, .2 and .3 W have two sums.
  const kwh = { a: 0.000_05, c: 0.000_1, f: 0.000_15 }
  const loads = [false, true].map((isReversed) => {
    const own = meters.filter(({ meter }) => meter in kwh)
    const list = own.map((meter) => {
      return toReading({ ...drawn(0), meter, kwh: kwh[meter.meter as keyof typeof kwh] })
    })
    return publish(freshState(isReversed), [record(0, list)]).groups.map(({ loadW }) => loadW)
  })
  expect(loads).toEqual([[0.6], [0.6]])
})

test('days without a baseline give rows of nulls', () => {
  const state = freshState()
  const next = toReading(drawn(50))
  const { deviations, groups } = publish(state, [record(0, [next])])
  const [row] = liveRows(state, deviations)
  expect(row).toMatchObject({ baseline_mwh: null, ratio: null, z: null, is_missing: false })
  expect(groups[0]).toMatchObject({ members: 1, baselineW: null, deviationW: null })
})

type Drawn = {
  meter: Meter
  slot: number
  kwh: number
  revision: number
  isMisaligned: boolean
}

function drawn(slot: number): Drawn {
  return { meter: meters[0]!, slot, kwh: 1, revision: 0, isMisaligned: false }
}

function toReading({ meter, slot, kwh, revision, isMisaligned }: Drawn): Reading {
  const { intervalS } = meter
  return {
    meter: meter.meter,
    startMs: day.startMs + slot * intervalS * 1000 + (isMisaligned ? 300_000 : 0),
    durationS: isMisaligned ? 300 : intervalS,
    energyMwh: energyMwh(Math.round(kwh * 1_000_000)),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision,
    ...stated,
  }
}

test('what is no interval of its meter is rejected, before the high-water mark too', () => {
  const state = freshState()
  const list = [-2, 2].flatMap((slot) => [
    toReading({ ...drawn(slot), isMisaligned: true }),
    toReading(drawn(slot)),
    { ...toReading(drawn(slot)), durationS: 900 },
  ])
  const { counters, deviations } = publish(state, [record(0, list)])
  expect(counters[0]!.counters).toMatchObject({ read: 6, accepted: 2, rejected: 4, late: 1 })
  expect(liveRows(state, deviations).map(({ start }) => start)).toEqual([list[4]!.startMs])
})

test('a record that is not a frame counts as one rejected reading', () => {
  const state = freshState()
  const at = { partition: 0, offset: 0, loggedMs: 0, act: null }
  const broken = { ...at, columns: columnsOf([]), isFrame: false }
  const [first] = processRecords(state, [broken]).counters
  expect(first?.counters).toEqual({ ...emptyCounters, read: 1, rejected: 1 })
})

function record(offset: number, list: readonly Reading[]): ReadRecord {
  return {
    partition: partitionOf(list[0]!.meter, partitions),
    offset,
    columns: columnsOf(list),
    isFrame: true,
    loggedMs: offset,
    act: null,
  }
}

function freshState(isReversed = false): SpeedState {
  const { startMs: highWaterMs } = day
  const known = isReversed ? meters.toReversed() : meters
  const at = { generation: 3, revision: 5, highWaterMs, partitions, options }
  const state = createSpeedState({ ...at, meters: known })
  const rows = meters.flatMap(({ meter, intervalS }): BaselineRow[] => {
    const slots = meter === 'b' ? 0 : (day.endMs - day.startMs) / (intervalS * 1000)
    return Array.from({ length: slots }, (_, slot) => ({
      meter,
      startMs: day.startMs + slot * intervalS * 1000,
      durationS: intervalS,
      baselineMwh: 1_000_000 + 50_000 * (slot % 7),
      sigmaW: 100,
    }))
  })
  setBaselines(state, rows)
  return state
}

function publish(state: SpeedState, records: readonly ReadRecord[]) {
  const { counters, changes } = processRecords(state, records)
  return { counters, ...advanceChanges(state, changes) }
}

/** The log: every partition in order, records of one to three readings. */
function logOf(list: readonly Reading[], chance: Chance): ReadRecord[][] {
  const next = numbersOf(chance)
  return [0, 1].map((partition) => {
    const own = list.filter(({ meter }) => partitionOf(meter, partitions) === partition)
    const records: ReadRecord[] = []
    for (let at = 0; at < own.length; ) {
      const size = 1 + (next() % 3)
      records.push({
        isFrame: true,
        loggedMs: records.length,
        act: null,
        partition,
        offset: records.length,
        columns: columnsOf(own.slice(at, at + size)),
      })
      at += size
    }
    return records
  })
}

type Row = Readonly<Record<string, unknown>>
type Tables = ReturnType<typeof createTables>

type PutOptions = {
  table: string
  keys: string[]
  /** Set where equal versions guarantee equal content only within one run of the process. */
  life?: number
}

/** What ReplacingMergeTree keeps: the largest version of each key, the last of equal ones. */
function createTables() {
  const kept = new Map<string, { row: Row; life: number }>()
  const put = ({ table, keys, life = 0 }: PutOptions, rows: readonly Row[]) => {
    for (const row of rows) {
      const name = `${table} ${keys.map((key) => row[key]).join(' ')}`
      const { row: known, life: knownLife } = kept.get(name) ?? {}
      // Equal versions have equal content, so it does not matter which insert was last.
      if (known?.version === row.version && knownLife === life) expect(row).toEqual(known)
      if (!known || (known.version as bigint) <= (row.version as bigint)) {
        kept.set(name, { row, life })
      }
    }
  }
  const entries = () =>
    [...kept]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, { row }]): [string, Row] => [name, row])
  return {
    put,
    rows: entries,
    views: () =>
      entries()
        .filter(([name]) => !name.startsWith('ingest_counters'))
        .map(([name, { version: _, ...row }]) => [name, row]),
  }
}

function run(
  log: readonly ReadRecord[][],
  tables: Tables,
  { chance, restarts }: { chance: Chance; restarts: number },
): void {
  const next = numbersOf(chance)
  for (let life = 0; life <= restarts; life++) {
    // The order of enrolment is random too.
    const state = freshState(chance !== null && next() % 2 === 0)
    const positions = log.map(() => 0)
    const isLast = life === restarts
    while (positions.some((position, at) => position < log[at]!.length)) {
      if (!isLast && next() % 5 === 0) break
      const batch = log.flatMap((records, at) => {
        const size = chance ? next() % 4 : records.length
        const piece = records.slice(positions[at], positions[at]! + size)
        positions[at]! += piece.length
        return piece
      })
      const published = publish(state, batch)
      putRows(state, tables, { ...published, life })
      putCounters(state, tables, published.counters)
    }
  }
}

/**
 * Some batches without rows; then the backlog, in pieces of about three rows, by turns with live
 * batches, which come before it.
 */
function runSilently(log: readonly ReadRecord[][], tables: Tables, chance: Iterable<number>): void {
  const next = numbersOf(chance)
  const state = freshState(next() % 2 === 0)
  const silentMax = next() % 20
  const positions = log.map(() => 0)
  const take = () =>
    log.flatMap((records, at) => {
      const piece = records.slice(positions[at], positions[at]! + (next() % 4))
      positions[at]! += piece.length
      return piece
    })
  for (let batch = 0; batch < silentMax; batch++) {
    const { counters, changes } = processRecords(state, take())
    computeChanges(state, changes)
    putCounters(state, tables, counters)
  }
  const backlog = createBacklog(state, 3)
  for (let isLeft = true; isLeft || positions.some((at, each) => at < log[each]!.length); ) {
    const published = publish(state, take())
    putCounters(state, tables, published.counters)
    putRows(state, tables, published)
    const piece = backlog.next()
    isLeft = !piece.done
    if (!piece.done) putRows(state, tables, piece.value)
  }
}

type Rows = ReturnType<typeof advanceChanges> & { readonly life?: number }

function putRows(state: SpeedState, tables: Tables, { deviations, groups, life }: Rows): void {
  const perMeter = { table: 'deviation', keys: ['meter', 'start'] }
  tables.put(perMeter, liveRows(state, deviations))
  // Runs that interleave the partitions differently may give two partial sums one version; the
  // complete sum has a larger one.
  const perGroup = { table: 'group', keys: ['group_id', 'start'], life: life ?? 0 }
  tables.put(perGroup, sumRows(state, groups))
}

function putCounters(state: SpeedState, tables: Tables, counters: readonly RecordCounters[]): void {
  const perRecord = { table: 'ingest_counters', keys: ['log_partition', 'log_offset'] }
  const rows = counters.map(({ partition, offset, counters: own }) => {
    return { log_partition: partition, log_offset: offset, version: state.generation, ...own }
  })
  tables.put(perRecord, rows)
}

function shuffle<T>(list: readonly T[], chance: Iterable<number>): T[] {
  const next = numbersOf(chance)
  return list
    .map((value) => ({ value, rank: next() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ value }) => value)
}

/** Null: one batch, nothing random. */
type Chance = Iterable<number> | null

function numbersOf(chance: Chance): () => number {
  if (!chance) return () => 0
  const iterator = chance[Symbol.iterator]()
  return () => iterator.next().value as number
}
