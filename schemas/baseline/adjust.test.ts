import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EnergyMwh, energyMwh, scaleHalfEven } from '../units.ts'
import { adjustedMean, adjustToDay } from './adjust.ts'
import { caiso10in10 } from './methods.ts'

const mwh = (values: readonly number[]) => values.map(energyMwh)

test('a point that can be negative is shifted by the mean difference of its windows', () => {
  // Two days of -300, 100 and -100, 500, so 200 in all; the day's own is -100, 300, so 200.
  // D = 2 * 200 - 200 = 200 over 2 days of 2 intervals: 50 an interval, within 1000 / 5 / 4 = 50.
  const windows = [mwh([-300, 100]), mwh([-100, 500])]
  const { adjustment, flags } = shift(mwh([-100, 300]), windows)
  expect(adjustment).toEqual({ kind: 'additive', numerator: 50n, denominator: 1n })
  expect(flags).toEqual([])
  // Mean of -20 and 7 is -6.5: 43.5 rounds to 44, once.
  expect(adjustedMean({ total: -13n, count: 2 }, adjustment)).toBe(44)
})

test.each([
  [300, 50n, false], // exactly the bound
  [301, 50n, true],
  [9000, 50n, true],
  [100, -50n, false], // exactly the other
  [99, -50n, true],
])('a window of -100 and %d is shifted by %d', (second, numerator, isClipped) => {
  const windows = [mwh([-300, 100]), mwh([-100, 500])]
  const { adjustment, flags } = shift(mwh([-100, second]), windows)
  expect(adjustment).toEqual({ kind: 'additive', numerator, denominator: 1n })
  expect(flags).toEqual(isClipped ? ['adjustment-clipped'] : [])
})

test('a bound that is no whole number is not rounded before the mean is', () => {
  // A fifth of 3 over one interval of one day: 3/5 and a mean of 1: 1.6, so 2; of -1: -0.4, so 0.
  const { adjustment } = shift(mwh([900]), [mwh([3])])
  expect(adjustment).toEqual({ kind: 'additive', numerator: 3n, denominator: 5n })
  expect(adjustedMean({ total: 1n, count: 1 }, adjustment)).toBe(2)
  expect(adjustedMean({ total: -1n, count: 1 }, adjustment)).toBe(0)
})

test('a window in which nothing ever flowed adjusts nothing', () => {
  const { adjustment, flags } = shift(mwh([5]), [mwh([0])])
  expect([adjustment, flags]).toEqual([{ kind: 'none' }, ['no-adjustment:window-empty']])
})

/** Some days of some intervals, and the day's own. */
const drawn = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 10 }))
  .chain(([length, days]) => {
    const energy = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map(energyMwh)
    const window = fc.array(energy, { minLength: length, maxLength: length })
    return fc.record({
      own: window,
      windows: fc.array(window, { minLength: days, maxLength: days }),
      totals: fc.array(fc.bigInt({ min: -(2n ** 44n), max: 2n ** 44n }), { maxLength: 4 }),
    })
  })

test('B[h] = (w Σ A + D) / (n w) with D within a fifth, rounded once, half to even', () => {
  fc.assert(
    fc.property(drawn, ({ own, windows, totals }) => {
      const [n, w] = [BigInt(windows.length), BigInt(own.length)]
      const sum = (values: readonly EnergyMwh[]) => values.reduce((s, each) => s + BigInt(each), 0n)
      const magnitude = windows.flat().reduce((s, each) => s + BigInt(Math.abs(each)), 0n)
      // All five times, so that the bound is a whole number.
      const difference = 5n * (n * sum(own) - sum(windows.flat()))
      const bounded = difference > magnitude ? magnitude : difference
      const clipped = bounded < -magnitude ? -magnitude : bounded
      const { adjustment } = shift(own, windows)
      for (const total of totals) {
        const expected = scaleHalfEven(5n * w * total + clipped, 1n, 5n * n * w)
        const count = windows.length
        expect(BigInt(adjustedMean({ total, count }, adjustment))).toBe(expected)
      }
    }),
  )
})

test('mirrored windows give the mirrored baseline', () => {
  fc.assert(
    fc.property(drawn, ({ own, windows, totals }) => {
      const mirror = (values: readonly EnergyMwh[]) => values.map((each) => energyMwh(-each))
      const { adjustment } = shift(own, windows)
      const other = shift(mirror(own), windows.map(mirror)).adjustment
      const count = windows.length
      for (const total of totals) {
        const baseline = adjustedMean({ total, count }, adjustment)
        expect(adjustedMean({ total: -total, count }, other) + baseline).toBe(0)
      }
    }),
  )
})

function shift(own: readonly EnergyMwh[], windows: readonly (readonly EnergyMwh[])[]) {
  return adjustToDay({ method: caiso10in10, mayBeNegative: true, own, windows })
}
