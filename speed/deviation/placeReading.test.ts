import { expect, test } from 'vitest'
import { quality, type Reading } from '../../schemas/reading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { placeReading } from './placeReading.ts'
import { advanceOffsets, cellBytes, createSpeedDay, openMeterDay } from './speedDay.ts'

const day = localDayNamed('2013-02-11', 'Europe/London')
const durationS = 3_600

test('the content of a version decides whether it counts, and a repeat is a duplicate', () => {
  const at = openMeterDay(createSpeedDay(day, durationS), 0)
  const place = (part: Partial<Reading>, offset: number) =>
    placeReading(at, { reading: readingOf(part), slot: 0, offset })
  expect(place({}, 1)).toEqual({ verdict: 'new', isCounting: true })
  expect(place({}, 2)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(place({ revision: 1 }, 3)).toEqual({ verdict: 'corrected', isCounting: true })
  // A lower quality never counts, whatever its revision, but it is still another value.
  const guess = { quality: quality.estimated, revision: 9 }
  expect(place(guess, 4)).toEqual({ verdict: 'corrected', isCounting: false })
  expect(place(guess, 5)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(place({}, 6)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(at.block.arrival.offset[0]).toBe(3)
})

test('a row depends on the latest record of its day so far', () => {
  const at = openMeterDay(createSpeedDay(day, durationS), 0)
  const put = (slot: number, offset: number) => {
    placeReading(at, { reading: readingOf({}), slot, offset })
    advanceOffsets(at, slot)
  }
  put(0, 3)
  put(1, 4)
  put(3, 5)
  // Slot 2 arrived last: the slots after it depend on it.
  put(2, 9)
  expect([...at.block.arrival.rowOffset.subarray(0, 5)]).toEqual([3, 4, 9, 9, Number.NaN])
})

test('each meter has a column of its own, and cells are those of the meters of the day', () => {
  const own = createSpeedDay(day, durationS)
  // Indexes of a large roster.
  const opened = [40_000, 7, 512].map((index, at) => {
    const column = openMeterDay(own, index)
    placeReading(column, { reading: readingOf({}), slot: 5, offset: at })
    return column
  })
  const offsets = opened.map(({ block, column }) => {
    return block.arrival.offset[5 * block.capacity + column]
  })
  expect(offsets).toEqual([0, 1, 2])
  expect(openMeterDay(own, 7)).toBe(opened[1])
  // 24 hours each: blocks of 1, 1 and 2 columns, of which the last has one to spare.
  expect(own.cells).toBe(24 * 4)
  for (let index = 0; index < 1_000; index++) openMeterDay(own, index)
  expect(own.meters.size).toBe(1_001)
  expect(own.cells).toBeLessThan(24 * (1_001 + 64))
})

test('a cell takes the bytes that the bound of all cells is stated in', () => {
  const { block } = openMeterDay(createSpeedDay(day, durationS), 0)
  const arrays = [...Object.values(block.columns), ...Object.values(block.arrival)]
  const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(bytes).toBe(24 * cellBytes)
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
