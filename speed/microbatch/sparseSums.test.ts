import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { partitionOf } from '../../schemas/ids.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { sumInterval } from '../deviation/fillSums.ts'
import type { DayLookup } from '../deviation/memberWords.ts'
import { computeChanges } from './advanceChanges.ts'
import { createBacklog } from './createBacklog.ts'
import { processRecords } from './processRecords.ts'
import { findDay } from './roster.ts'
import { createSpeedState, type SpeedState } from './speedState.ts'

/**
 * What a sum of half an hour costs where its meters report each second: what they have said, not
 * what they could have. Counted, not timed.
 */
const zone = 'Europe/London'
const day = localDayNamed('2013-02-11', zone)
const secondly = 50
const point = (meter: string, intervalS: number) =>
  aMeter({ meter, site: meter, zone, intervalS, groups: [memberOf('G')] })
const meters = [
  point('slow', 1_800),
  ...Array.from({ length: secondly }, (_, index) => point(`s${index}`, 1)),
]

test('a meter of seconds with one reading costs a run of slots, and one without nothing', () => {
  const state = stateWith([
    ...readingsOf(meters[0]!, [0]),
    ...meters.slice(1, 11).flatMap((meter) => readingsOf(meter, [900])),
  ])
  let days = 0
  const dayOf: DayLookup = (roster, startMs) => {
    days += 1
    return findDay(roster, startMs)
  }
  const sum = sumInterval(state.groups.get('G')!, day.startMs, dayOf)
  expect(sum.total.without.members).toBe(1)
  expect(sum.offsets.length).toBeGreaterThan(0)
  // Its first and last instant, of each member.
  expect(days).toBeLessThanOrEqual(2 * meters.length)
  // Ten members of up to 28 runs of 64 slots, of which one has cells.
  expect(sum.looked).toBeGreaterThan(10)
  expect(sum.looked).toBeLessThanOrEqual(10 * (29 + 64))
})

test('a meter of seconds counts once it has all of them', () => {
  const all = Array.from({ length: 1_800 }, (_, slot) => slot)
  const state = stateWith([
    ...readingsOf(meters[1]!, all),
    ...readingsOf(meters[2]!, all.slice(0, -1)),
  ])
  const sum = sumInterval(state.groups.get('G')!, day.startMs, findDay)
  expect(sum.total.without).toEqual({ members: 1, energyMwh: 1_800_000, deviationMw: 0 })
})

test('pieces of a backlog are bounded by the intervals of meters, not by sites alone', () => {
  const hours = 4
  const half = Array.from({ length: 1_800 * 2 * hours }, (_, slot) => slot)
  const state = stateWith(meters.slice(1, 4).flatMap((meter) => readingsOf(meter, half)))
  const pieces = [...createBacklog(state, 1_000)].map(({ groups }) => groups.length)
  const sums = pieces.filter((count) => count > 0)
  // Each looks at 3 × 1,800 cells, which cost as much as 540 rows: two are a piece.
  expect(sums).toEqual([2, 2, 2, 2])
})

function readingsOf({ meter, intervalS }: Meter, slots: readonly number[]): Reading[] {
  return slots.map((slot) => ({
    ...{ meter, startMs: day.startMs + slot * intervalS * 1000, durationS: intervalS },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, ...stated, revision: 0 },
    energyMwh: energyMwh(1_000),
  }))
}

function stateWith(readings: readonly Reading[]): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 6_000_000 }
  const given = { generation: 1, revision: 0, highWaterMs: day.startMs, partitions: 2, options }
  const state = createSpeedState({ ...given, meters })
  const records = [0, 1].flatMap((partition) => {
    const own = readings.filter(({ meter }) => partitionOf(meter, 2) === partition)
    const at = { partition, offset: 0, loggedMs: 0, act: null, isFrame: true }
    return own.length === 0 ? [] : [{ ...at, columns: columnsOf(own) }]
  })
  computeChanges(state, processRecords(state, records).changes)
  return state
}
