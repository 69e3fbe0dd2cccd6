import { expect, test } from 'vitest'
import { factorsOf } from '../../schemas/deviation/computeDeviation.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { addAct, decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import { quality, type Reading, standing } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { putReading } from '../testing/putReading.ts'
import { computeMeterDay } from './computeMeterDay.ts'
import { wordBytes } from './frameWords.ts'
import { createNameTable } from './nameTable.ts'
import { placeAgain } from './placeReading.ts'
import {
  cellBytes,
  cellOf,
  createSpeedDay,
  findRun,
  type MeterDay,
  offsetOf,
  openMeterDay,
  openMeterDays,
} from './speedDay.ts'

const day = localDayNamed('2013-02-11', 'Europe/London')
const durationS = 3_600

test('the later word counts, and what repeats it is a duplicate', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS), names()), 0)
  const place = (part: Partial<Reading>, offset: number) =>
    putReading(at, { reading: readingOf(part), slot: 0, offset })
  expect(place({}, 1)).toEqual({ verdict: 'new', isCounting: true })
  expect(place({}, 2)).toEqual({ verdict: 'duplicate', isCounting: false })
  const lower = { energyMwh: energyMwh(0) }
  expect(place(lower, 3)).toEqual({ verdict: 'corrected', isCounting: true })
  expect(place(lower, 4)).toEqual({ verdict: 'duplicate', isCounting: false })
  // Restated back to what it was.
  expect(place({}, 5)).toEqual({ verdict: 'corrected', isCounting: true })
  // A machine's estimate never counts beside a statement, but it is another word.
  const guess = { quality: quality.estimated, standing: standing.fill }
  expect(place(guess, 6)).toEqual({ verdict: 'corrected', isCounting: false })
  expect(place({}, 7)).toEqual({ verdict: 'duplicate', isCounting: false })
  expect(place({ isVoid: true, energyMwh: energyMwh(0) }, 8).isCounting).toBe(true)
  expect(findRun(at, 0)!.block.columns.energyMwh[0]).toBeNaN()
  expect(arrivalOf(at).offset[0]).toBe(8)
})

test('what an ingest said is forgotten when it is withdrawn, and nothing else', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS), names()), 0)
  const acts = emptyActs()
  const decided = decidedBy(acts)
  const say = (wh: number, ingest: string, at_: { slot: number; offset: number }) =>
    putReading(at, { reading: readingOf({ energyMwh: energyMwh(wh), ingest }), ...at_ }, decided)
  say(1, '', { slot: 0, offset: 0 })
  say(2, 'first', { slot: 0, offset: 1 })
  say(2, 'second', { slot: 0, offset: 2 })
  say(3, 'first', { slot: 1, offset: 3 })
  const { energyMwh: energy } = findRun(at, 0)!.block.columns
  expect([energy[0], energy[1]]).toEqual([2, 3])
  addAct(acts, { kind: 'withdrawal', ingest: 'first' })
  const again = (slot: number, offset: number) => placeAgain(at, { slot, decided, offset })
  // The second ingest said the same of slot 0 afterwards.
  expect([again(0, 4), again(1, 4), again(2, 4)]).toEqual([false, true, false])
  expect([energy[0], energy[1]]).toEqual([2, Number.NaN])
  addAct(acts, { kind: 'withdrawal', ingest: 'second' })
  expect([again(0, 5), again(1, 5)]).toEqual([true, false])
  expect(energy[0]).toBe(1)
  expect(arrivalOf(at).offset.slice(0, 2)).toEqual([5, 4])
  // What comes late of a withdrawn ingest never counts.
  expect(say(9, 'first', { slot: 2, offset: 6 })).toEqual({ verdict: 'new', isCounting: true })
  expect(say(9, '', { slot: 1, offset: 7 })).toEqual({ verdict: 'corrected', isCounting: true })
  expect([energy[1], energy[2]]).toEqual([9, Number.NaN])
})

test('a row depends on the word that let an older one count again', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS), names()), 0)
  const say = (source: string, part: Partial<Reading>, offset: number) =>
    putReading(at, { reading: readingOf({ source, ...part }), slot: 0, offset })
  say('meter', { energyMwh: energyMwh(1) }, 1)
  say('bill', { energyMwh: energyMwh(2), standing: standing.held }, 2)
  // It takes its word back for an estimate: the meter's counts.
  const weaker = { energyMwh: energyMwh(3), standing: standing.fill, revision: 1 }
  expect(say('bill', weaker, 3).isCounting).toBe(true)
  expect(findRun(at, 0)!.block.columns.energyMwh[0]).toBe(1)
  // A row of an earlier record would leave the bill's in the view.
  expect(arrivalOf(at).offset[0]).toBe(3)
})

test('a version costs the same however many its interval has, and is counted', () => {
  const own = createSpeedDay(day, firstStep(durationS), names())
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
    putReading(at, { reading: versionOf(revision), slot: 0, offset: revision }).verdict
  const count = 5_000
  expect(place(0)).toBe('new')
  const before = own.cells
  for (let revision = 1; revision < count; revision++) expect(place(revision)).toBe('corrected')
  // Looked at a few times each, and not once for each later version.
  expect(looks).toBeLessThan(10 * count)
  // However many came, one counts; the others can never count again.
  expect(own.cells - before).toBe(6 + 4)
  expect(place(count - 1)).toBe('duplicate')
  for (const revision of [0, 1, 777]) expect(place(revision)).toBe('corrected')
  expect(own.cells - before).toBe(6 + 4)
})

test('a row depends on the latest record of its day so far', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS), names()), 0)
  const factors = factorsOf(deviationDefaults, durationS)
  const place = (slot: number, offset: number) => {
    putReading(at, { reading: readingOf({}), slot, offset })
    computeMeterDay(at, factors, slot)
  }
  place(0, 3)
  place(1, 4)
  // As `processRecords` asks for it: from the slot after the last one.
  putReading(at, { reading: readingOf({}), slot: 3, offset: 5 })
  computeMeterDay(at, factors, 2)
  // Slot 2 arrived last: the slots after it depend on it.
  place(2, 9)
  expect(arrivalOf(at).rowOffset.slice(0, 5)).toEqual([3, 4, 9, 9, Number.NaN])
})

test('a meter has cells near its readings, of its own', () => {
  const own = createSpeedDay(day, firstStep(durationS), names())
  // Indexes of a large roster.
  const opened = [40_000, 7, 512].map((index, offset) => {
    const at = openMeterDay(own, index)
    putReading(at, { reading: readingOf({}), slot: 5, offset })
    return at
  })
  const offsets = opened.map((at) => arrivalOf(at).offset[5])
  expect(offsets).toEqual([0, 1, 2])
  expect(openMeterDay(own, 7)).toBe(opened[1])
  // One run of 24 hours each, in blocks of 1, 1 and 2 runs, the last with one to spare.
  expect(own.cells).toBe(3 * 50 + 4 * (24 + 1) + 3 * 4)
  for (let index = 0; index < 1_000; index++) {
    putReading(openMeterDay(own, index), { reading: readingOf({}), slot: 5, offset: 9 })
  }
  expect(openMeterDays(own)).toHaveLength(1_001)
  expect(own.cells).toBeLessThan((24 + 5) * (1_001 + 256) + 50 * 24)
})

test('seventy one-second meters with a reading each take some minutes of each, not days', () => {
  const own = createSpeedDay(day, firstStep(1), names())
  for (let index = 0; index < 70; index++) {
    const at = openMeterDay(own, index)
    putReading(at, { reading: readingOf({ durationS: 1 }), slot: 80_000 - index, offset: 0 })
  }
  // 86,400 cells a meter would be six million. 64 s and one cell more: 1 run of 80,000 to 80,063 in
  // a block of its own, 64 runs of those before in 7 blocks, and 5 with 3 to spare in 4.
  expect(own.cells).toBe((1 + 64 + 8) * (64 + 1) + (1 + 7 + 4) * 50 + 70 * 4)
})

test('a cell takes the bytes that the bound of all cells is stated in', () => {
  const at = openMeterDay(createSpeedDay(day, firstStep(durationS), names()), 0)
  putReading(at, { reading: readingOf({}), slot: 5, offset: 0 })
  const { block } = findRun(at, 5)!
  const arrays = [...Object.values(block.columns), ...Object.values(block.arrival)]
  const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  // And an entry, as its frame has no other reading.
  expect(bytes).toBe(24 * (cellBytes - wordBytes))
})

function names() {
  return { sources: createNameTable(), ingests: createNameTable() }
}

/** By slot, of a day of one run. */
function arrivalOf(at: MeterDay) {
  const run = findRun(at, 0)!
  const slots = Array.from({ length: at.day.slots }, (_, slot) => slot)
  return {
    offset: slots.map((slot) => offsetOf(at, run, slot)),
    rowOffset: slots.map((slot) => run.block.arrival.rowOffset[cellOf(run, slot)]!),
  }
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
    ...stated,
    ...part,
  }
}
