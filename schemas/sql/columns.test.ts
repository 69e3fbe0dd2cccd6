import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  address,
  emptyAsNull,
  money,
  nullable,
  oneOf,
  run,
  single,
  text,
  whole,
} from './columns.ts'

test('64-bit amounts and runs are read exactly, from text only', () => {
  const any64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  fc.assert(
    fc.property(any64, (amount) => {
      expect(money.shape.parse(String(amount))).toBe(amount)
      expect(run.shape.parse(String(amount))).toBe(amount)
    }),
  )
  // A number may have been rounded already; other text is no integer.
  for (const other of [5, 2 ** 53, '', '1.0', '1e3', ' 1', '0x1', '+1', '1\n', null]) {
    expect(money.shape.safeParse(other).success, JSON.stringify(other)).toBe(false)
    expect(run.shape.safeParse(other).success).toBe(false)
  }
})

test('a whole number is exact: no fraction, none beyond 2^53', () => {
  expect(whole.shape.parse(2 ** 53 - 1)).toBe(2 ** 53 - 1)
  for (const other of [0.5, 2 ** 53, Number.NaN, '1', null]) {
    expect(whole.shape.safeParse(other).success, String(other)).toBe(false)
  }
})

test('a single-precision number is the one of a frame', () => {
  const [stored] = new Float32Array([0.1])
  expect(single.shape.parse(0.1)).toBe(stored)
  expect(single.shape.parse(0.1)).not.toBe(0.1)
})

test('an account has one letter case', () => {
  expect(address.shape.parse(`0x${'Ab'.repeat(20)}`)).toBe(`0x${'ab'.repeat(20)}`)
})

test('null is read only where a column may be null, and an empty text only as declared', () => {
  expect(text.shape.safeParse(null).success).toBe(false)
  expect(nullable(text)).toMatchObject({ type: 'Nullable(String)' })
  expect(nullable(text).shape.parse(null)).toBe(null)
  const word = emptyAsNull(oneOf(['paid', 'final']))
  expect(word.type).toBe('String')
  expect(word.shape.parse('')).toBe(null)
  expect(word.shape.parse('paid')).toBe('paid')
  expect(word.shape.safeParse('Paid').success).toBe(false)
  expect(oneOf(['paid']).shape.safeParse('').success).toBe(false)
})
