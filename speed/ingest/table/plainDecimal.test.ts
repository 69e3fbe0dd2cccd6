import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainDecimal } from './plainDecimal.ts'

test.each([
  ['12.50', 0, '12.5'],
  ['1e3', 0, '1000'],
  ['1.25E-3', 0, '0.00125'],
  ['-25', -3, '-0.025'],
  ['+0007', 2, '700'],
  ['.5', 1, '5'],
  ['-0.0', 5, '0'],
  ['12345678901234567890', -3, '12345678901234567.89'],
  ['', 0, null],
  ['.', 0, null],
  ['1,5', 0, null],
  ['1e9999', 0, null],
  ['7', Number.NaN, null],
])('%s × 10^%d is %s', (text, power, expected) => {
  expect(plainDecimal(text, power)).toBe(expected)
})

test('a number keeps its value', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const plain = plainDecimal(String(value))
      // Zero has one sign here.
      expect(Number(plain)).toBe(value === 0 ? 0 : value)
      expect(plain).not.toContain('e')
    }),
  )
})
