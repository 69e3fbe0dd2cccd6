import { expect, test } from 'vitest'
import type { DayColumns } from '../schemas/deviation/dayState.ts'
import { deviationDefaults } from '../schemas/deviation/options.ts'
import { InvariantError } from '../schemas/errors/wattproofError.ts'
import { aMeter } from '../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../schemas/reading/frame.ts'
import { quality, type Reading } from '../schemas/reading/reading.ts'
import { stated } from '../schemas/reading/testing/aReading.ts'
import { localDayNamed, localDayOf } from '../schemas/time.ts'
import { energyMwh } from '../schemas/units.ts'
import type { ArrivalColumns } from './deviation/arrival.ts'
import { findRun } from './deviation/speedDay.ts'
import { processRecords } from './microbatch/processRecords.ts'
import { createSpeedState, replayFromMs, setBaselines } from './microbatch/speedState.ts'
import { type Column, checkOperators, earliestReplay, joinRows, type Operator } from './operator.ts'
import { deviation, operators } from './operators.ts'

const zone = 'Europe/London'
const day = localDayNamed('2013-02-11', zone)
const stepMs = 1_800_000
const meter = aMeter({ meter: 'a', zone, group: 'G' })

test('what the deviation reads and writes is what it says', () => {
  const { rows, before, after } = advanceOnce(() => {})
  const changed = names(after).filter((name) => !Object.is(after[name][5], before[name][5]))
  // The weight is of meters that can be negative: of this one it is written, and stays 0.
  expect(new Set([...changed, 'z'])).toEqual(new Set(deviation.writes))
  // Columns that it does not read may have anything.
  const others = names(after).filter((name) => !deviation.reads.includes(name))
  const garbled = advanceOnce((columns) => {
    for (const name of others) columns[name].fill(77, 4)
  })
  expect(garbled.rows).toEqual(rows)
  // Those that it reads matter.
  const lost = advanceOnce((columns) => columns.energyMwh.fill(1, 4))
  expect(lost.rows).not.toEqual(rows)
})

test('an operator reads what is there before it, and writes what nobody else does', () => {
  const next = { name: 'next', reads: ['deviationW'], writes: [] } as const
  expect(() => checkOperators([deviation, next])).not.toThrow()
  expect(() => checkOperators([next, deviation])).toThrow('next reads deviationW')
  const second = { name: 'second', reads: [], writes: ['z'] } as const
  expect(() => checkOperators([deviation, second])).toThrow('second writes z')
  const placing = { name: 'placing', reads: [], writes: ['energyMwh'] } as const
  expect(() => checkOperators([placing])).toThrow('placing writes energyMwh')
})

test('rows of operators are joined, and of one row set only one has some', () => {
  const row = { group_id: 'G', start: day.startMs, version: 0, duration_s: 60 }
  const groups = [{ ...row, members: 1, load_w: 1 }]
  expect(joinRows([{ groups }, { deviations: [] }])).toEqual({ groups, deviations: [] })
  expect(() => joinRows([{ groups }, { groups: [] }])).toThrow(InvariantError)
})

test('a replay begins at the earliest midnight that an operator needs', () => {
  const noon = day.startMs + 24 * stepMs
  expect(replayFromMs(stateAt(noon, operators))).toBe(day.startMs)
  const week: Pick<Operator, 'replayFromMs'> = {
    replayFromMs: (ms, zone) => localDayOf(ms - 7 * 48 * stepMs, zone).startMs,
  }
  for (const list of [
    [week, deviation],
    [deviation, week],
  ]) {
    const state = stateAt(noon, list)
    expect(replayFromMs(state)).toBe(day.startMs - 7 * 48 * stepMs)
    // What is held for it is of the state, and not shown.
    const { counters, changes } = processRecords(state, [recordOf([at(-48), at(24)])])
    expect(counters[0]!.counters).toMatchObject({ accepted: 2, late: 1 })
    const { deviations } = deviation.advance(state, changes)
    expect(deviations).toMatchObject({ rows: 1 })
    const roster = state.enrolled.get(meter.meter)!.roster
    expect([...roster.days.keys()].sort()).toEqual(['2013-02-10', '2013-02-11'])
  }
})

type AnyColumns = DayColumns & ArrivalColumns

/** Rows of slots 4 and 5, with columns changed just before the operator has its turn. */
function advanceOnce(change: (columns: AnyColumns) => void) {
  const state = stateAt(day.startMs, [deviation])
  const first = processRecords(state, [recordOf([0, 1, 2, 3].map(at))])
  deviation.advance(state, first.changes)
  const second = processRecords(state, [recordOf([4, 5].map(at))])
  const at0 = state.enrolled.get(meter.meter)!.roster.latest!.meters[0]!
  const { columns, arrival } = findRun(at0, 4)!.block
  const all: AnyColumns = { ...columns, ...arrival }
  const before = copyOf(all)
  change(all)
  const rows = deviation.advance(state, second.changes)
  return { rows, before, after: all }
}

function copyOf(columns: AnyColumns): AnyColumns {
  const copied = names(columns).map((name) => [name, columns[name].slice()])
  return Object.fromEntries(copied) as AnyColumns
}

function names(columns: AnyColumns): Column[] {
  return Object.keys(columns) as Column[]
}

function stateAt(highWaterMs: number, list: readonly Pick<Operator, 'replayFromMs'>[]) {
  const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 1_000_000 }
  const given = { generation: 1, revision: 0, highWaterMs, partitions: 1, options }
  const replayFrom = earliestReplay(list)
  const state = createSpeedState({ ...given, meters: [meter], replayFrom })
  const slot = { meter: meter.meter, durationS: 1800, baselineMwh: 1_000_000, sigmaW: 100 }
  const starts = Array.from({ length: 48 }, (_, each) => day.startMs + each * stepMs)
  setBaselines(
    state,
    starts.map((startMs) => ({ ...slot, startMs })),
  )
  return state
}

function recordOf(readings: readonly Reading[]) {
  const place = { partition: 0, offset: 0, loggedMs: 0 }
  return { ...place, columns: columnsOf(readings), act: null, isFrame: true }
}

function at(slot: number): Reading {
  return {
    ...{ meter: meter.meter, startMs: day.startMs + slot * stepMs, durationS: 1800 },
    ...{ energyMwh: energyMwh(900_000 + 10_000 * slot), powerW: null, reactiveVar: null },
    ...{ quality: quality.measured, revision: 0, ...stated },
  }
}
