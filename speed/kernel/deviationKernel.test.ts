import fc from 'fast-check'
import { expect, test } from 'vitest'
import { computeDeviation, factorsOf } from '../../schemas/deviation/computeDeviation.ts'
import { createDayState, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { readDeviation } from '../../schemas/deviation/readDeviation.ts'
import { addPart, emptyGroupSum, partOfMember } from '../../schemas/deviation/sumGroup.ts'
import { meterId } from '../../schemas/ids.ts'
import { gridOfDay } from '../../schemas/meter/grid.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { type ClosedSlot, openDeviationOperator } from './deviationOperator.ts'
import { openKernelMemory } from './kernelMemory.ts'

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
  baselineMwh: energy,
  sigmaW: fc.oneof(fc.constant(0), fc.float({ min: 0, max: 5_000, noNaN: true })),
})
const run = fc.record({
  stepS: fc.constantFrom(300, 900, 1800, 3600, 7200),
  mayBeNegative: fc.boolean(),
  bandWh: fc.constantFrom(0, 0.1, 100, 1_500),
  cells: fc.array(fc.array(cell, { minLength: lanes, maxLength: lanes }), {
    minLength: 1,
    maxLength: 30,
  }),
})

test('the kernel and the formula give the same bits, exceptions and sums', () => {
  fc.assert(
    fc.property(run, ({ stepS, mayBeNegative, bandWh, cells }) => {
      const grid = gridOfDay(firstStep(stepS), day)
      const options = { ...deviationDefaults, bandWh }
      const rows = cells.slice(0, grid.slots)
      const factors = factorsOf(options, stepS)
      const plain = createDayState(grid, lanes)
      rows.forEach((row, slot) => {
        row.forEach((each, lane) => {
          const at = slot * lanes + lane
          plain.columns.energyMwh[at] = each.energyMwh
          plain.columns.durationS[at] = stepS
          plain.columns.baselineMwh[at] = each.baselineMwh
          plain.columns.sigmaW[at] = each.sigmaW
        })
      })
      plain.lastSlot.fill(rows.length - 1)
      for (let meter = 0; meter < lanes; meter++) {
        computeDeviation(plain, options, { meter, fromSlot: 0, mayBeNegative })
      }

      const kernel = openKernelMemory()
      const closed: (ClosedSlot & { slot: number })[] = []
      const operator = openDeviationOperator({
        ...{ kernel, stepS, slotsOfDay: grid.slots, slotOfDay: (slot) => slot, lanes },
        ...{ segmentEnds: Uint32Array.of(5, lanes), mayBeNegative, options },
        onClosed: (slot, found) => closed.push({ slot, ...copyOf(found) }),
      })
      rows.forEach((row, slot) => {
        const column = kernel.allocate(8 * lanes)
        new Float64Array(kernel.memory.buffer, column, lanes).set(
          row.map(({ energyMwh }) => energyMwh),
        )
        const { baselineW, sigmaW } = operator.baselines(slot)
        baselineW.set(row.map((each) => each.baselineMwh * factors.wattsPerMwh))
        sigmaW.set(row.map((each) => each.sigmaW))
        operator.close(slot, column)
      })
      for (const { slot, ...found } of closed) {
        for (const name of ['ratio', 'deviationW', 'z', 'rollingWh'] as const) {
          expect(bits(found[name]), `${name} of slot ${slot}`).toEqual(
            bits(rowOf(plain.columns, name, slot)),
          )
        }
        const isException = (lane: number) => {
          const at = { meter: meterId('M'), groups: '', index: lane, slot, bandWh }
          return readDeviation(plain, at)?.isException
        }
        const own = rows[slot]!.flatMap((_, lane) => (isException(lane) ? [lane] : []))
        expect([...found.exceptions]).toEqual(own)
        expect([...found.sums]).toEqual([
          ...plainSum(plain, slot, [0, 5]),
          ...plainSum(plain, slot, [5, lanes]),
        ])
      }
    }),
    { numRuns: 60 },
  )
})

function copyOf(closed: ClosedSlot): ClosedSlot {
  const { ratio, deviationW, z, rollingWh, exceptions, sums } = closed
  return {
    ...{ ratio: ratio.slice(), deviationW: deviationW.slice(), z: z.slice() },
    ...{ rollingWh: rollingWh.slice(), exceptions: exceptions.slice(), sums: sums.slice() },
  }
}

function plainSum(
  plain: ReturnType<typeof createDayState>,
  slot: number,
  [from, to]: readonly [number, number],
) {
  const { columns, stepS } = plain
  const sum = emptyGroupSum()
  for (let at = slot * lanes + from; at < slot * lanes + to; at++) {
    const energyMwh = columns.energyMwh[at]!
    if (Number.isNaN(energyMwh)) continue
    const deviationW = columns.deviationW[at]!
    const row = { durationS: stepS, energyMwh, deviationW }
    addPart(sum, partOfMember({ startMs: 0, stepS, intervalS: stepS, rowAt: () => row })!)
  }
  const { withBoth, without } = sum
  return [
    ...[withBoth.members, withBoth.energyMwh, withBoth.deviationMw],
    ...[without.members, without.energyMwh],
  ]
}

function rowOf(columns: DayColumns, name: keyof DayColumns, slot: number): Float32Array {
  return (columns[name] as Float32Array).subarray(slot * lanes, (slot + 1) * lanes)
}

/** A NaN is any NaN. */
function bits(values: Float32Array): (number | 'NaN')[] {
  const own = new Uint32Array(Float32Array.from(values).buffer)
  return Array.from(values, (value, index) => (Number.isNaN(value) ? 'NaN' : own[index]!))
}
