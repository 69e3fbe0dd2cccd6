import { expect, test } from 'vitest'
import { ModelUnderperformingError } from '../../schemas/errors/forecast.ts'
import { decideRelease } from './decideRelease.ts'

test.each([
  // ratio, champion's ratio
  [0.8, null],
  [0.8, 0.81],
  [0.99, 1.2],
])('%d against %s is released', (ratio, championRatio) => {
  expect(() => decideRelease({ model: 'm', ratio, championRatio })).not.toThrow()
})

test.each([
  [1, null],
  [0.8, 0.8],
  [0.9, 0.85],
  [1.1, 1.2],
  [Number.NaN, null],
])('%d against %s is not', (ratio, championRatio) => {
  expect(() => decideRelease({ model: 'm', ratio, championRatio })).toThrow(
    ModelUnderperformingError,
  )
})

test('the error has the threshold that was missed', () => {
  expect(() => decideRelease({ model: 'm', ratio: 0.9, championRatio: 0.85 })).toThrow(
    'reaches mean absolute error relative to seasonal naive 0.9; it must stay below 0.85',
  )
})
