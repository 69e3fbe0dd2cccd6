import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bridgeGaps } from './bridgeGaps.ts'
import { flagSeries } from './flagSeries.ts'
import { splitSegments } from './splitSegments.ts'

const gap = Number.NaN

test('a short gap takes the values of the day before, a long one stays', () => {
  const values = Float64Array.of(1, 2, 3, 4, gap, 6, 7, 8, 9, gap, gap, 12)

  const bridged = bridgeGaps(values, { daySlots: 4, slotsMax: 1 })

  expect([...bridged]).toEqual([1, 2, 3, 4, 1, 6, 7, 8, 9, gap, gap, 12])
})

test('the first day has no day before it', () => {
  expect([...bridgeGaps(Float64Array.of(gap, 2), { daySlots: 4, slotsMax: 1 })]).toEqual([gap, 2])
})

test('what comes later never changes what was bridged before', () => {
  const slot = fc.oneof(fc.constant(gap), fc.integer({ min: 0, max: 9 }))
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 40 }), fc.nat(39), (values, cut) => {
      const options = { daySlots: 4, slotsMax: 4 }
      const whole = bridgeGaps(Float64Array.from(values), options)
      // Cut where a gap ends, as at a forecast's origin: the past is bridged from the past alone.
      const end = Math.min(cut, values.length)
      if (Number.isNaN(values[end] ?? 0)) return
      const past = bridgeGaps(Float64Array.from(values.slice(0, end)), options)
      expect([...past]).toEqual([...whole.subarray(0, end)])
    }),
  )
})

test('segments are the runs without a gap that are long enough, within the range', () => {
  const values = Float64Array.of(1, 2, gap, 4, 5, 6, gap, 8, 9, 10)

  expect(splitSegments(values, { first: 0, end: 10 }, 2)).toEqual([
    { first: 0, end: 2 },
    { first: 3, end: 6 },
    { first: 7, end: 10 },
  ])
  expect(splitSegments(values, { first: 1, end: 9 }, 3)).toEqual([{ first: 3, end: 6 }])
})

test('flags histories that are poor training data', () => {
  const options = { daySlots: 2, daysMin: 3 }
  const lively = [1, 2, 3, 1, 2, 3, 1, 2]

  expect(flagSeries(Float64Array.from(lively), options)).toEqual([])
  expect(flagSeries(new Float64Array(8).fill(gap), options)).toEqual(['empty'])
  // Four known slots are two days of three.
  expect(flagSeries(Float64Array.of(gap, gap, 1, 2, 3, 4), options)).toEqual(['short-history'])
  // One of seven since the first known slot: 14 % are missing.
  expect(flagSeries(Float64Array.of(1, 2, 3, gap, 4, 5, 6), options)).toEqual(['gaps'])
  expect(flagSeries(Float64Array.from([...lively, 5, 5]), options)).toEqual(['flat-line'])
})
