import { expect, test } from 'vitest'
import { quality, type Reading } from '../../schemas/reading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { placeReading } from './placeReading.ts'
import { advanceOffsets, createSpeedDay, growSpeedDay } from './speedDay.ts'

const day = localDayNamed('2013-02-11', 'Europe/London')
const durationS = 3_600

test('the content of a version decides whether it counts, and a repeat is a duplicate', () => {
  const state = createSpeedDay(day, durationS, 1)
  const others = new Map()
  const place = (part: Partial<Reading>, offset: number) =>
    placeReading(state, others, { reading: readingOf(part), meter: 0, slot: 0, offset })
  expect(place({}, 1)).toEqual({ verdict: 'new', isCounting: true })
  expect(place({}, 2)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(place({ revision: 1 }, 3)).toEqual({ verdict: 'corrected', isCounting: true })
  // A lower quality never counts, whatever its revision, but it is still another value.
  const guess = { quality: quality.estimated, revision: 9 }
  expect(place(guess, 4)).toEqual({ verdict: 'corrected', isCounting: false })
  expect(place(guess, 5)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(place({}, 6)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(state.arrival.offset[0]).toBe(3)
})

test('a row depends on the latest record of its day so far', () => {
  const state = createSpeedDay(day, durationS, 1)
  const put = (slot: number, offset: number) => {
    const at = { reading: readingOf({}), meter: 0, slot, offset }
    placeReading(state, new Map(), at)
    advanceOffsets(state, { meter: 0, fromSlot: slot })
  }
  put(0, 3)
  put(1, 4)
  put(3, 5)
  // Slot 2 arrived last: the slots after it depend on it.
  put(2, 9)
  expect([...state.arrival.rowOffset.subarray(0, 5)]).toEqual([3, 4, 9, 9, Number.NaN])
})

test('growing keeps existing cells in place', () => {
  const state = createSpeedDay(day, durationS, 2)
  placeReading(state, new Map(), { reading: readingOf({}), meter: 1, slot: 5, offset: 7 })
  growSpeedDay(state, 7)
  const cell = 5 * 7 + 1
  expect(state.arrival.offset[cell]).toBe(7)
  expect(state.columns.energyMwh[cell]).toBe(1_000_000)
})

function readingOf(part: Partial<Reading>): Reading {
  return {
    meter: 'A' as Reading['meter'],
    startMs: day.startMs,
    durationS,
    energyMwh: energyMwh(1_000_000),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...part,
  }
}
