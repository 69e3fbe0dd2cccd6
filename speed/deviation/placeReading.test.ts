import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { computeMeterDay } from './computeMeterDay.ts'
import { placeReading } from './placeReading.ts'
import { cellBytes, createSpeedDay, findRun, type MeterDay, openMeterDay } from './speedDay.ts'

const day = localDayNamed('2013-02-11', 'Europe/London')
const durationS = 3_600

test('the content of a version decides whether it counts, and a repeat is a duplicate', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS)), 0)
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
  expect(arrivalOf(at).offset[0]).toBe(3)
})

test('a version costs the same however many its interval has, and is counted', () => {
  const own = createSpeedDay(day, firstStep(durationS))
  const at = openMeterDay(own, 0)
  let looks = 0
  const versionOf = (revision: number): Reading => {
    const version = readingOf({ revision })
    const get = () => {
      looks += 1
      return revision
    }
    return Object.defineProperty(version, 'revision', { get })
  }
  const place = (revision: number) =>
    placeReading(at, { reading: versionOf(revision), slot: 0, offset: revision }).verdict
  const count = 5_000
  expect(place(0)).toBe('new')
  const before = own.cells
  for (let revision = 1; revision < count; revision++) expect(place(revision)).toBe('corrected')
  // Looked at a few times each, and not once for each later version.
  expect(looks).toBeLessThan(10 * count)
  expect(own.cells - before).toBe(3 + 2 * (count - 1))
  for (const revision of [0, 1, 777, count - 1]) expect(place(revision)).toBe('duplicate')
  expect(own.cells - before).toBe(3 + 2 * (count - 1))
})

test('a row depends on the latest record of its day so far', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS)), 0)
  const put = (slot: number, offset: number) => {
    placeReading(at, { reading: readingOf({}), slot, offset })
    computeMeterDay(at, deviationDefaults, { fromSlot: slot, mayBeNegative: false })
  }
  put(0, 3)
  put(1, 4)
  // As `processRecords` asks for it: from the slot after the last one.
  placeReading(at, { reading: readingOf({}), slot: 3, offset: 5 })
  computeMeterDay(at, deviationDefaults, { fromSlot: 2, mayBeNegative: false })
  // Slot 2 arrived last: the slots after it depend on it.
  put(2, 9)
  expect([...arrivalOf(at).rowOffset.subarray(0, 5)]).toEqual([3, 4, 9, 9, Number.NaN])
})

test('a meter has cells near its readings, of its own', () => {
  const own = createSpeedDay(day, firstStep(durationS))
  // Indexes of a large roster.
  const opened = [40_000, 7, 512].map((index, offset) => {
    const at = openMeterDay(own, index)
    placeReading(at, { reading: readingOf({}), slot: 5, offset })
    return at
  })
  const offsets = opened.map((at) => arrivalOf(at, 5).offset[0])
  expect(offsets).toEqual([0, 1, 2])
  expect(openMeterDay(own, 7)).toBe(opened[1])
  // One run of 24 hours each, in blocks of 1, 1 and 2 runs, the last with one to spare.
  expect(own.cells).toBe(3 * 50 + 4 * (24 + 1) + 3 * 4)
  for (let index = 0; index < 1_000; index++) {
    placeReading(openMeterDay(own, index), { reading: readingOf({}), slot: 5, offset: 9 })
  }
  expect(own.meters.size).toBe(1_001)
  expect(own.cells).toBeLessThan((24 + 5) * (1_001 + 64) + 50 * 24)
})

test('seventy one-second meters with a reading each take some minutes of each, not days', () => {
  const own = createSpeedDay(day, firstStep(1))
  for (let index = 0; index < 70; index++) {
    const at = openMeterDay(own, index)
    placeReading(at, { reading: readingOf({ durationS: 1 }), slot: 80_000 - index, offset: 0 })
  }
  // 86,400 cells a meter would be six million. 64 s and one cell more, 128 times in 8 blocks.
  expect(own.cells).toBe(128 * (64 + 1) + 8 * 50 + 70 * 4)
})

test('a cell takes the bytes that the bound of all cells is stated in', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS)), 0)
  placeReading(at, { reading: readingOf({}), slot: 5, offset: 0 })
  const { block } = findRun(at, 5)!
  const arrays = [...Object.values(block.columns), ...Object.values(block.arrival)]
  const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(bytes).toBe(24 * cellBytes)
})

/** From a slot of the first run on. */
function arrivalOf(at: MeterDay, slot = 0) {
  const { block, shift } = findRun(at, slot)!
  const { offset, rowOffset } = block.arrival
  return { offset: offset.subarray(slot + shift), rowOffset: rowOffset.subarray(slot + shift) }
}

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
