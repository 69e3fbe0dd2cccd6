import fc from 'fast-check'
import { expect, test } from 'vitest'
import { computeDeviation, factorsOf } from '../../schemas/deviation/computeDeviation.ts'
import { createDayState, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { gridOfDay } from '../../schemas/meter/grid.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { openCells } from './cellKernel.ts'

const day = localDayNamed('2013-02-11', 'Europe/London')
const lanes = 12

/** Whole energies as meters have them, and the odd ones. */
const energy = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3_000_000, max: 3_000_000 }) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, -1, 2 ** 45, -(2 ** 45)) },
)
const cell = fc.record({
  energyMwh: energy,
  /** The reading is of another length. */
  isOther: fc.constantFrom(false, false, false, false, true),
  baselineMwh: energy,
  sigmaW: fc.oneof(fc.constant(0), fc.float({ min: 0, max: 5_000, noNaN: true })),
})
const run = fc.record({
  stepS: fc.constantFrom(60, 300, 900, 1800, 3600, 7200),
  mayBeNegative: fc.boolean(),
  cells: fc.array(fc.array(cell, { minLength: lanes, maxLength: lanes }), {
    minLength: 1,
    maxLength: 30,
  }),
})

test('the kernel and the formula give the same bits', () => {
  fc.assert(
    fc.property(run, ({ stepS, mayBeNegative, cells }) => {
      const grid = gridOfDay(firstStep(stepS), day)
      const rows = cells.slice(0, grid.slots)
      const factors = factorsOf(deviationDefaults, stepS)
      const plain = createDayState(grid, lanes)
      rows.forEach((row, slot) => {
        row.forEach((each, lane) => {
          const at = slot * lanes + lane
          plain.columns.energyMwh[at] = each.energyMwh
          plain.columns.durationS[at] = each.isOther ? 2 * stepS : stepS
          plain.columns.baselineMwh[at] = each.baselineMwh
          plain.columns.sigmaW[at] = each.sigmaW
        })
      })
      plain.lastSlot.fill(rows.length - 1)
      for (let meter = 0; meter < lanes; meter++) {
        computeDeviation(plain, deviationDefaults, { meter, fromSlot: 0, mayBeNegative })
      }

      const given = { slots: grid.slots, capacity: lanes, stepS, mayBeNegative }
      const { columns, kernel } = openCells({ latest: null }, given)
      for (const name of ['energyMwh', 'durationS', 'baselineMwh', 'sigmaW'] as const) {
        columns[name].set(plain.columns[name])
      }
      // Two ranges of lanes; each slot twice, as one that is computed again.
      for (let slot = 0; slot < rows.length; slot++) {
        for (const [lane, count] of [
          [0, 4],
          [4, lanes - 4],
          [4, 4],
        ] as const) {
          kernel.advance(factors, { slot, cell: slot * lanes + lane, lanes: count })
        }
      }
      for (const name of Object.keys(columns) as (keyof DayColumns)[]) {
        const cells = rows.length * lanes
        expect(bits(columns[name].subarray(0, cells)), name).toEqual(
          bits(plain.columns[name].subarray(0, cells)),
        )
      }
    }),
    { numRuns: 60 },
  )
})

/** A NaN is any NaN, and 0 is not -0. */
function bits(values: DayColumns[keyof DayColumns]): (number | string)[] {
  return Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value))
}
