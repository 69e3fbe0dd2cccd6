import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDecimal, toWholeHalfEven } from './decimal.ts'

const mwhPerWh = { numerator: 1000n, denominator: 1n }

test.each([
  // Wh as text, mWh: half of a milliwatt-hour goes to the even neighbour
  ['0.1', 100n],
  ['0.0005', 0n],
  ['0.0015', 2n],
  ['0.0025', 2n],
  ['0.00250001', 3n],
  ['-0.0015', -2n],
  ['1e3', 1_000_000n],
  ['1.5E-3', 2n],
  ['.5', 500n],
  ['7.', 7000n],
  ['9007199254740993', 9007199254740993000n],
])('%s Wh is %s mWh', (text, expected) => {
  expect(toWholeHalfEven(parseDecimal(text)!, mwhPerWh)).toBe(expected)
})

test.each([
  '',
  '.',
  '-',
  'nan',
  'Infinity',
  '1,5',
  '0x10',
  '1e',
  '1e9999',
  '1_000',
  '1'.repeat(65),
])('"%s" is no number', (text) => {
  expect(parseDecimal(text)).toBeNull()
})

test('a whole number of milliwatt-hours round-trips', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (mwh) => {
      const text = `${Math.floor(mwh / 1000)}.${String(mwh % 1000).padStart(3, '0')}`
      expect(toWholeHalfEven(parseDecimal(text)!, mwhPerWh)).toBe(BigInt(mwh))
    }),
  )
})
