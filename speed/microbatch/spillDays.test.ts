import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { addCounters, emptyCounters, quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { liveRows, sumRows } from '../testing/publishedRows.ts'
import { advanceChanges } from './advanceChanges.ts'
import { createBacklog } from './createBacklog.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { processRecords } from './processRecords.ts'
import { createSpeedState, type SpeedState, setBaselines } from './speedState.ts'

const zone = 'Europe/London'
const dayMs = 86_400_000
const hourMs = 3_600_000
const first = localDayNamed('2013-01-07', zone)

test('one reading a day from one of 200 one-minute meters costs an hour of that meter', () => {
  const meters = Array.from({ length: 200 }, (_, at) => meterOf(`m${at}`, 60))
  const state = stateOf(meters, 8_000_000)
  const days = Array.from({ length: 60 }, (_, day) => {
    return { ...readingOf('m7', first.startMs + day * dayMs), durationS: 60 }
  })
  processRecords(
    state,
    days.map((each, offset) => record(offset, [each])),
  )
  // 63 of 1,440 minutes, and 55 cells more. Days of the whole roster would be 17,280,000.
  expect(state.cells).toBe(60 * (63 + 55))
  expect(state.spilledToMs).toBe(Number.NEGATIVE_INFINITY)
})

test('beyond its bound the oldest days are spilled: late, without rows, in no sum', () => {
  // 24 hours and 55 cells more.
  const state = stateOf([meterOf('a', 3_600)], 79 * 3)
  const at = (day: number, hour = 0) => readingOf('a', first.startMs + day * dayMs + hour * hourMs)
  const offsetOf = (day: number, hour = 0) => record(day * 24 + hour, [at(day, hour)])
  for (const day of [0, 1, 2]) advance(state, [offsetOf(day)])
  expect(state.cells).toBe(237)
  const { counters, rows } = advance(state, [offsetOf(3), offsetOf(0, 1), offsetOf(1, 1)])
  expect(state.cells).toBe(237)
  // The first day ends where the second begins.
  expect(state.spilledToMs).toBe(first.startMs + dayMs)
  expect(rows.map((row) => row.start)).toEqual([at(3), at(1, 1)].map((row) => row.startMs))
  // The one of the first day is late; so are those behind the watermark, three days later.
  expect(counters).toMatchObject({ read: 3, accepted: 3, duplicate: 0, late: 2 })
  // A repeat is known only where its day is held.
  const again = advance(state, [record(90, [at(0, 1)]), record(91, [at(1, 1)])])
  expect(again.counters).toMatchObject({ read: 2, accepted: 1, duplicate: 1, rejected: 0 })
})

test('the newest day is within the bound too: it is spilled by name, the next is live', () => {
  const meters = ['a', 'd', 'c'].map((name) => meterOf(name, 3_600))
  const state = stateOf(meters, 79)
  const on = (day: number) =>
    meters.map(({ meter }) => readingOf(meter, first.startMs + day * dayMs))
  const { counters, rows } = advance(state, [record(0, on(0))])
  expect(counters).toMatchObject({ read: 3, accepted: 3, late: 2 })
  expect(rows).toEqual([])
  expect(state).toMatchObject({ cells: 0, spilledToMs: first.startMs + dayMs })
  const next = advance(state, [record(1, on(1).slice(0, 1))])
  expect(next.rows.map((row) => row.start)).toEqual([first.startMs + dayMs])
})

test('of the newest date the shortest intervals go first, with the sums they are in', () => {
  const fine = { ...meterOf('f', 1), groups: [memberOf('F')] }
  const coarse = { ...meterOf('a', 3_600), groups: [memberOf('C')] }
  // In the group of the fine meter.
  const mixed = { ...meterOf('c', 3_600), groups: [memberOf('F')] }
  const state = stateOf([fine, coarse, mixed], 3_000)
  const seconds = Array.from({ length: 3_600 }, (_, second) => ({
    ...readingOf('f', first.startMs + second * 1_000),
    durationS: 1,
  }))
  advance(state, [record(0, seconds.slice(0, 1_000))])
  expect(state.spilled).toBeNull()
  const hour = [readingOf('a', first.startMs), readingOf('c', first.startMs)]
  const { counters } = advance(state, [record(1, seconds.slice(1_000)), record(2, hour)])
  expect(counters).toMatchObject({ read: 2_602, accepted: 2_602, duplicate: 0 })
  expect(state.spilled).toEqual({ date: first.date, steps: firstStep(1), zone })
  expect(state.spilledToMs).toBe(first.startMs + dayMs)
  // The sum of F would lack its fine member.
  expect(rowsOf(state).map(keyOf)).toEqual([
    `group C ${first.startMs}`,
    `meter a ${first.startMs}`,
    `meter c ${first.startMs}`,
  ])
})

test('what is rejected takes nothing', () => {
  const state = stateOf([meterOf('a', 3_600)], 1_000)
  const readings = Array.from({ length: 2_000 }, (_, second) => {
    return readingOf('a', first.startMs + (second + 1) * 1_000)
  })
  const { counters } = advance(state, [record(0, readings)])
  expect(counters).toMatchObject({ read: 2_000, rejected: 2_000, accepted: 0 })
  expect(state.cells).toBe(0)
  expect(state.maxEndMs[0]).toBe(Number.NEGATIVE_INFINITY)
})

test('baselines are within the bound before a reading comes', () => {
  const meter = meterOf('f', 1)
  const state = stateOf([meter], 15_000)
  const row = { meter: meter.meter, durationS: 1, baselineMwh: 1, sigmaW: 1 }
  // 12 of 121 bytes of a cell: 86,400 are 8,569 cells, and two days are too many.
  for (const day of [0, 1]) {
    setBaselines(state, [{ ...row, startMs: first.startMs + day * dayMs }])
    expect(state.cells).toBe(8_569 + 4)
  }
  expect(state.spilledToMs).toBe(first.startMs + dayMs)
})

const drawnReadings = fc.array(
  fc.record({
    meter: fc.constantFrom('a', 'b', 'c'),
    day: fc.integer({ min: 0, max: 9 }),
    hour: fc.constantFrom(0, 1, 5, 23),
    isMisaligned: fc.boolean(),
    wh: fc.constantFrom(100, 577, 1_337),
  }),
  { minLength: 1, maxLength: 60 },
)
/** In two zones, so that days overlap. */
const roster = [
  meterOf('a', 3_600),
  meterOf('b', 1_800),
  { ...meterOf('c', 3_600), zone: 'Asia/Kolkata' },
]

test('what is held has the rows of an unbounded state, and no order of arrival changes it', () => {
  fc.assert(
    fc.property(drawnReadings, fc.integer({ min: 1, max: 1_500 }), (drawn, cellsMax) => {
      // Each numbers its revision, so that the order of arrival does not decide.
      const list = drawn.map(({ meter, day, hour, isMisaligned, wh }, revision) => {
        // The hours of Kolkata start at half past.
        const phaseMs = meter === 'c' ? hourMs / 2 : 0
        const startMs = first.startMs + day * dayMs + hour * hourMs + phaseMs
        return { ...readingOf(meter, startMs + (isMisaligned ? 1_000 : 0), wh), revision }
      })
      const [bounded, backwards, unbounded] = [
        [list, cellsMax] as const,
        [list.toReversed(), cellsMax] as const,
        [list, 1_000_000] as const,
      ].map(([readings, max]) => {
        const state = stateOf(roster, max)
        let counters = emptyCounters
        for (const [offset, reading] of readings.entries()) {
          counters = addCounters(counters, advance(state, [record(offset, [reading])]).counters)
        }
        return { state, counters }
      })
      const { spilledToMs, cells } = bounded!.state
      expect(backwards!.state).toMatchObject({ spilledToMs, cells })
      expect(contentOf(bounded!.state)).toEqual(contentOf(backwards!.state))
      const held = rowsOf(bounded!.state)
      const heldKeys = new Set(held.map(keyOf))
      const all = rowsOf(unbounded!.state)
      expect(held).toEqual(all.filter((row) => heldKeys.has(keyOf(row))))
      // A day of another zone may reach over the edge: then it is held whole.
      const after = all.filter((row) => row.start >= spilledToMs)
      expect(after.every((row) => heldKeys.has(keyOf(row)))).toBe(true)
      if (!Number.isFinite(spilledToMs)) {
        expect(held).toEqual(all)
        expect(bounded!.counters).toEqual(unbounded!.counters)
      }
      for (const { counters } of [bounded!, unbounded!]) {
        expect(counters.read).toBe(list.length)
        expect(counters.read).toBe(counters.accepted + counters.duplicate + counters.rejected)
      }
    }),
    { numRuns: 200 },
  )
})

function stateOf(meters: readonly Meter[], cellsMax: number): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3_600, cellsMax }
  const highWaterMs = Number.NEGATIVE_INFINITY
  const basis = { generation: 0, revision: 1, highWaterMs, partitions: 1, options }
  return createSpeedState({ ...basis, meters })
}

function advance(state: SpeedState, records: readonly ReadRecord[]) {
  const { counters, changes } = processRecords(state, records)
  const { deviations } = advanceChanges(state, changes)
  const rows = liveRows(state, deviations)
  const sum = counters.reduce((all, each) => addCounters(all, each.counters), emptyCounters)
  return { counters: sum, rows }
}

/** Rows and sums that the state holds, in order. */
function rowsOf(state: SpeedState) {
  const pieces = [...createBacklog(state)]
  const rows = pieces.flatMap(({ deviations, groups }) => [
    ...liveRows(state, deviations),
    ...sumRows(state, groups),
  ])
  return rows.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
}

function contentOf(state: SpeedState) {
  return rowsOf(state).map(({ version: _, ...row }) => row)
}

function keyOf(row: { readonly start: number; readonly group_id: string }): string {
  return `${'meter' in row ? `meter ${row.meter}` : `group ${row.group_id}`} ${row.start}`
}

function meterOf(name: string, intervalS: number): Meter {
  return aMeter({ meter: name, zone, group: 'G', intervalS })
}

function record(offset: number, readings: readonly Reading[]): ReadRecord {
  const partition = partitionOf(readings[0]!.meter, 1)
  const columns = columnsOf(readings)
  return { partition, offset, loggedMs: offset, columns, act: null, isFrame: true }
}

function readingOf(meter: string, startMs: number, wh = 1_000): Reading {
  const durationS = meter === 'b' ? 1_800 : 3_600
  return {
    ...{ meter: meter as MeterId, startMs, durationS, energyMwh: energyMwh(wh * 1_000) },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
  }
}
