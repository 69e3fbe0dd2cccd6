import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measureErrors } from './metrics.ts'

test('errors over the mean load', () => {
  // Errors 2, -1, 0 against loads 8, 11, 11: mean load 10.
  const errors = measureErrors([
    { baselineMwh: 10, meteredMwh: 8 },
    { baselineMwh: 10, meteredMwh: 11 },
    { baselineMwh: 11, meteredMwh: 11 },
  ])
  expect(errors!.rrmse).toBeCloseTo(Math.sqrt(5 / 3) / 10, 12)
  expect(errors!.bias).toBeCloseTo(1 / 30, 12)
  expect(errors!.nmae).toBeCloseTo(3 / 30, 12)
  // Around their mean of 1/3 they are 5/3, -4/3 and -1/3: squares of 25, 16 and 1 ninths.
  expect(errors!.variability).toBeCloseTo(Math.sqrt(42 / 9 / 3) / 10, 12)
})

test('accuracy is bias and variability', () => {
  const load = fc.record({
    baselineMwh: fc.integer({ min: -1e6, max: 1e6 }),
    meteredMwh: fc.integer({ min: -1e6, max: 1e6 }),
  })
  fc.assert(
    fc.property(fc.array(load, { minLength: 1 }), (pairs) => {
      const errors = measureErrors(pairs)
      if (!errors) return
      const { rrmse, bias, variability } = errors
      expect(Math.hypot(bias, variability) / Math.max(rrmse, 1e-300)).toBeCloseTo(
        rrmse === 0 ? 0 : 1,
        9,
      )
    }),
  )
})

test('nothing to compare, or no load, has no error', () => {
  expect(measureErrors([])).toBeNull()
  expect(measureErrors([{ baselineMwh: 5, meteredMwh: 0 }])).toBeNull()
})

test('what was fed in counts by its magnitude, so that mirrored errors are the same', () => {
  // Errors 2, -1, 0 against -8, 11, -11: mean magnitude 10, although the loads almost cancel.
  const pairs = [
    { baselineMwh: -6, meteredMwh: -8 },
    { baselineMwh: 10, meteredMwh: 11 },
    { baselineMwh: -11, meteredMwh: -11 },
  ]
  const errors = measureErrors(pairs)!
  expect(errors.rrmse).toBeCloseTo(Math.sqrt(5 / 3) / 10, 12)
  expect(errors.bias).toBeCloseTo(1 / 30, 12)
  const mirrored = pairs.map((each) => ({
    ...{ baselineMwh: -each.baselineMwh, meteredMwh: -each.meteredMwh },
  }))
  expect(measureErrors(mirrored)).toEqual({ ...errors, bias: -errors.bias })
})
