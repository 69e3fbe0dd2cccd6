import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { liveRows } from '../testing/publishedRows.ts'
import { advanceChanges } from './advanceChanges.ts'
import { processRecords } from './processRecords.ts'
import { createSpeedState, setBaselines } from './speedState.ts'

const zone = 'Europe/London'
const stepMs = 1_800_000
const day = localDayNamed('2013-02-11', zone)
const meter = aMeter({ meter: 'a', zone, group: 'G' })
/** Midnight in another zone, at 02:00 in this one. */
const highWaterSlot = 4

test('rows from the high-water mark on, and sums that end after it, are of the speed view', () => {
  const { deviations, groups } = publish([3, 4, 5].map((slot) => at(slot, 1)))
  expect(deviations.map(({ start }) => slotOf({ startMs: start }))).toEqual([4, 5])
  expect(groups.map(slotOf)).toEqual([4, 5])
})

test("the day's first reading counts for the ratio after a high-water mark within the day", () => {
  // 1.1 kWh with a baseline of 1 kWh; nothing between.
  const { deviations } = publish([at(0, 1.1), at(4, 1)])
  expect(deviations.map(({ start }) => slotOf({ startMs: start }))).toEqual([4])
  expect(deviations[0]!.ratio).toBeCloseTo(1.1, 6)
})

test('what is no interval of its meter has no row, wherever the high-water mark is', () => {
  // Midnight in Kathmandu is at a quarter past.
  const highWaterMs = day.startMs + 4 * stepMs + 900_000
  const between = { ...at(0, 1), startMs: highWaterMs }
  const short = { ...at(5, 1), durationS: 900 }
  const { deviations, groups } = publish([between, short, at(6, 1)], highWaterMs)
  expect(deviations.map(({ start }) => slotOf({ startMs: start }))).toEqual([6])
  expect(groups.map(slotOf)).toEqual([6])
})

function publish(readings: readonly Reading[], highWaterMs = day.startMs + highWaterSlot * stepMs) {
  const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 1_000_000 }
  const given = { generation: 1, revision: 0, highWaterMs, partitions: 1, options }
  const state = createSpeedState({ ...given, meters: [meter] })
  const slot = { meter: meter.meter, durationS: 1800, baselineMwh: 1_000_000, sigmaW: 100 }
  const starts = Array.from({ length: 48 }, (_, each) => day.startMs + each * stepMs)
  setBaselines(
    state,
    starts.map((startMs) => ({ ...slot, startMs })),
  )
  const place = { partition: 0, offset: 0, loggedMs: 0 }
  const record = { ...place, columns: columnsOf(readings), act: null, isFrame: true }
  const { deviations, groups } = advanceChanges(state, processRecords(state, [record]).changes)
  return { deviations: liveRows(state, deviations), groups }
}

function at(slot: number, kwh: number): Reading {
  return {
    meter: meter.meter,
    startMs: day.startMs + slot * stepMs,
    durationS: 1800,
    energyMwh: energyMwh(Math.round(kwh * 1_000_000)),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }
}

function slotOf({ startMs }: { readonly startMs: number }): number {
  return (startMs - day.startMs) / stepMs
}
