import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { splitTime } from './splitTime.ts'

test('forty days: 24 to train, 8 to validate, 8 to test', () => {
  expect(splitTime(40 * 48, 48)).toEqual({
    train: { first: 0, end: 24 * 48 },
    validate: { first: 24 * 48, end: 32 * 48 },
    test: { first: 32 * 48, end: 40 * 48 },
  })
})

test('ranges follow one another, cover everything, and the later two are whole days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5 * 24, max: 1000 * 24 }), (slots) => {
      const { train, validate, test } = splitTime(slots, 24)
      expect([train.first, train.end, validate.end, test.end]).toEqual([
        0,
        validate.first,
        test.first,
        slots,
      ])
      for (const { first, end } of [validate, test]) {
        expect((end - first) % 24).toBe(0)
        expect(end).toBeGreaterThan(first)
      }
    }),
  )
})

test('four days are too few', () => {
  expect(() => splitTime(4 * 48, 48)).toThrow(InvalidArgumentError)
})
