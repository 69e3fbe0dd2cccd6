import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  computeDeviation,
  type DeviationFactors,
  factorsOf,
} from '../../schemas/deviation/computeDeviation.ts'
import { createDayState, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { gridOfDay } from '../../schemas/meter/grid.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { putReading } from '../testing/putReading.ts'
import { computeMeterDay } from './computeMeterDay.ts'
import { createNameTable } from './nameTable.ts'
import {
  cellOf,
  createSpeedDay,
  findRun,
  lastSlotOf,
  type MeterDay,
  openMeterDay,
  setBaseline,
} from './speedDay.ts'

const zone = 'Europe/London'
/** An ordinary day, and one of 25 hours. */
const dates = ['2013-02-11', '2013-10-27']

const drawn = fc.record({
  date: fc.constantFrom(...dates),
  // Runs within the last hour, of it, and longer ones.
  stepS: fc.constantFrom(10, 60, 300, 900, 1_800),
  /** Ten-thousandths of the day, so that the gaps are of all lengths. */
  places: fc.array(fc.tuple(fc.nat(9_999), fc.integer({ min: -2_000, max: 2_000 })), {
    minLength: 1,
    maxLength: 40,
  }),
  batch: fc.integer({ min: 1, max: 7 }),
  hasBaselines: fc.boolean(),
  mayBeNegative: fc.boolean(),
})

test('a day in runs has the bytes of a whole day, whatever is missing and in any order', () => {
  fc.assert(
    fc.property(drawn, ({ date, stepS, places, batch, hasBaselines, mayBeNegative }) => {
      const local = localDayNamed(date, zone)
      const own = createSpeedDay(local, firstStep(stepS), names)
      const at = openMeterDay(own, 3, mayBeNegative)
      const other = openMeterDay(own, 4, !mayBeNegative)
      const factors = factorsOf(deviationDefaults, stepS)
      const whole = createDayState(gridOfDay(firstStep(stepS), local), 1)
      for (let slot = 0; hasBaselines && slot < own.slots; slot++) {
        if (slot % 13 === 5) continue
        const sign = mayBeNegative && slot % 3 === 0 ? -1 : 1
        const baseline = { baselineMwh: sign * (700_000 + slot), sigmaW: slot % 4 }
        setBaseline(at, { slot, ...baseline })
        setBaseline(other, { slot, baselineMwh: 500_000, sigmaW: 7 })
        whole.columns.baselineMwh[slot] = baseline.baselineMwh
        whole.columns.sigmaW[slot] = baseline.sigmaW
      }
      const readings = places.map(([part, wh], revision) => {
        const slot = Math.min(own.slots - 1, Math.floor((part / 10_000) * own.slots))
        // Some of another length: they have no deviation.
        const energyWh = mayBeNegative ? wh : Math.abs(wh)
        const durationS = wh % 9 === 0 ? 2 * stepS : stepS
        return { slot, reading: readingOf({ durationS, revision, wh: energyWh }) }
      })
      // Another meter's day is computed in between: nothing of it may be left.
      for (let from = 0; from < readings.length; from += batch) {
        placeAll(at, { readings: readings.slice(from, from + batch), from, factors })
        const last = { slot: own.slots - 1 - from, reading: readings[from]!.reading }
        placeAll(other, { readings: [last], from, factors })
        computeMeterDay(other, factors, 0)
      }
      for (const { slot, reading } of readings) {
        whole.columns.energyMwh[slot] = reading.energyMwh
        whole.columns.durationS[slot] = reading.durationS
        whole.lastSlot[0] = Math.max(whole.lastSlot[0]!, slot)
      }
      computeDeviation(whole, deviationDefaults, { meter: 0, fromSlot: 0, mayBeNegative })
      for (const { slot } of readings)
        expect(valuesAt(at, slot)).toEqual(valuesOf(whole.columns, slot))
    }),
    { numRuns: 300 },
  )
})

type PlaceAll = {
  readonly readings: readonly Placed[]
  /** Log offset of the first. */
  readonly from: number
  readonly factors: DeviationFactors
}
const names = { sources: createNameTable(), ingests: createNameTable() }

type Placed = { readonly slot: number; readonly reading: Reading }

/** As `processRecords` does it: from the first changed slot, or the start of a new run, on. */
function placeAll(at: MeterDay, { readings, from, factors }: PlaceAll): void {
  const { runSlots } = at.day
  let fromSlot = Number.POSITIVE_INFINITY
  for (const [index, { slot, reading }] of readings.entries()) {
    const first = findRun(at, slot) ? slot : slot - (slot % runSlots)
    fromSlot = Math.min(fromSlot, first, lastSlotOf(at) < 0 ? first : lastSlotOf(at) + 1)
    putReading(at, { reading, slot, offset: from + index })
  }
  computeMeterDay(at, factors, fromSlot)
}

function valuesAt(at: MeterDay, slot: number) {
  const run = findRun(at, slot)!
  return valuesOf(run.block.columns, cellOf(run, slot))
}

function valuesOf(columns: DayColumns, cell: number): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[cell]!]))
}

function readingOf(at: { durationS: number; revision: number; wh: number }): Reading {
  return {
    ...{ meter: 'A' as Reading['meter'], startMs: 0, durationS: at.durationS },
    ...{ energyMwh: energyMwh(at.wh * 1_000), powerW: null, reactiveVar: null },
    // Later ones of a slot count.
    ...{ quality: quality.measured, revision: at.revision, ...stated },
  }
}
