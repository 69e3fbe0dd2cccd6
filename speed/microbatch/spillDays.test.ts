import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import { addCounters, emptyCounters, quality, type Reading } from '../../schemas/reading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { deviationRows, groupRows } from '../publish/speedRows.ts'
import { advanceChanges } from './advanceChanges.ts'
import { createBacklog } from './createBacklog.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { processRecords } from './processRecords.ts'
import { createSpeedState, type SpeedState } from './speedState.ts'

const zone = 'Europe/London'
const dayMs = 86_400_000
const hourMs = 3_600_000
const first = localDayNamed('2013-01-07', zone)

test('one reading a day from one of 200 one-minute meters costs days of that meter', () => {
  const meters = Array.from({ length: 200 }, (_, at) => meterOf(`m${at}`, 60))
  const state = stateOf(meters, 8_000_000)
  const days = Array.from({ length: 60 }, (_, day) => readingOf('m7', first.startMs + day * dayMs))
  processRecords(
    state,
    days.map((each, offset) => record(offset, [each])),
  )
  // 1,440 minutes a day; of the whole roster it would be 17,280,000.
  expect(state.cells).toBe(60 * 1_440)
  expect(state.spilledToMs).toBe(Number.NEGATIVE_INFINITY)
})

test('beyond its bound the oldest days are spilled: late, without rows, in no sum', () => {
  const state = stateOf([meterOf('a', 3_600)], 24 * 3)
  const at = (day: number, hour = 0) => readingOf('a', first.startMs + day * dayMs + hour * hourMs)
  const offsetOf = (day: number, hour = 0) => record(day * 24 + hour, [at(day, hour)])
  for (const day of [0, 1, 2]) advance(state, [offsetOf(day)])
  expect(state.cells).toBe(72)
  const { counters, rows } = advance(state, [offsetOf(3), offsetOf(0, 1), offsetOf(1, 1)])
  expect(state.cells).toBe(72)
  // The first day ends where the second begins.
  expect(state.spilledToMs).toBe(first.startMs + dayMs)
  expect(rows.map((row) => row.start)).toEqual([at(3), at(1, 1)].map((row) => row.startMs))
  // The one of the first day is late; so are those behind the watermark, three days later.
  expect(counters).toMatchObject({ read: 3, accepted: 3, duplicate: 0, late: 2 })
  // A repeat is known only where its day is held.
  const again = advance(state, [record(90, [at(0, 1)]), record(91, [at(1, 1)])])
  expect(again.counters).toMatchObject({ read: 2, accepted: 1, duplicate: 1, rejected: 0 })
})

test('the newest day is held whole, whatever the bound', () => {
  const meters = ['a', 'b', 'c'].map((name) => meterOf(name, 3_600))
  const state = stateOf(meters, 1)
  const at = meters.map(({ meter }) => readingOf(meter, first.startMs + dayMs))
  advance(state, [record(0, [readingOf('a', first.startMs)]), record(1, at)])
  const rows = rowsOf(state)
  expect(rows.every((row) => row.start === at[0]!.startMs)).toBe(true)
  expect(rows.filter((row) => 'meter' in row)).toHaveLength(3)
})

const drawnReadings = fc.array(
  fc.record({
    meter: fc.constantFrom('a', 'b', 'c'),
    day: fc.integer({ min: 0, max: 9 }),
    hour: fc.constantFrom(0, 1, 5, 23),
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
    fc.property(drawnReadings, fc.integer({ min: 1, max: 400 }), (drawn, cellsMax) => {
      const list = drawn.map(({ meter, day, hour, wh }) => {
        return readingOf(meter, first.startMs + day * dayMs + hour * hourMs, wh)
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
  const rows = deviationRows(state, advanceChanges(state, changes).deviations)
  const sum = counters.reduce((all, each) => addCounters(all, each.counters), emptyCounters)
  return { counters: sum, rows }
}

/** Rows and sums that the state holds, in order. */
function rowsOf(state: SpeedState) {
  const pieces = [...createBacklog(state)]
  const rows = pieces.flatMap(({ deviations, groups }) => [
    ...deviationRows(state, deviations),
    ...groupRows(state, groups),
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
  return { meter: name as MeterId, zone, group: 'G', intervalS, account: null }
}

function record(offset: number, readings: readonly Reading[]): ReadRecord {
  return { partition: partitionOf(readings[0]!.meter, 1), offset, readings, isFrame: true }
}

function readingOf(meter: string, startMs: number, wh = 1_000): Reading {
  const durationS = meter === 'b' ? 1_800 : 3_600
  return {
    ...{ meter: meter as MeterId, startMs, durationS, energyMwh: energyMwh(wh * 1_000) },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0 },
  }
}
