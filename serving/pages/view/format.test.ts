import { expect, test } from 'vitest'
import {
  clockTime,
  count,
  duration,
  kw,
  kwh,
  money,
  percent,
  price,
  shortHash,
  splitUnit,
  tokens,
} from './format.ts'

test('energy: mWh as kWh, at most three decimals', () => {
  const cases: [number | string | null, string][] = [
    [0, '0 kWh'],
    [80_400, '0.080 kWh'],
    [-999_000, '−0.999 kWh'],
    [999_600, '1.00 kWh'],
    [3_504_000, '3.50 kWh'],
    [12_345_678, '12.3 kWh'],
    [1_234_567_890, '1,235 kWh'],
    ['9007199254740993', '9,007,199,255 kWh'],
  ]
  for (const [mwh, text] of cases) expect(plain(kwh(mwh))).toBe(text)
  expect(kwh(null)).toBe('–')
})

test('power: W below one kilowatt', () => {
  const shown = [0, 350.4, -999.4, 999.6, 11_250, 123_400].map((watts) => plain(kw(watts)))
  expect(shown).toEqual(['0 W', '350 W', '−999 W', '1.00 kW', '11.3 kW', '123 kW'])
  expect(kw(Number.NaN)).toBe('–')
})

test('money has two decimals, and marks amounts too small for them', () => {
  expect(money(1_624_000)).toBe('£1.62')
  expect(money('-80390')).toBe('−£0.08')
  expect(money(900)).toBe('< £0.01')
  expect(money(0)).toBe('£0.00')
  expect(money(5_000_000n, 'EUR')).toBe('€5.00')
  expect(price(529_720, 'GBP')).toBe('£0.52972')
  expect(price(50_000, 'GBP')).toBe('£0.05')
  expect(plain(tokens('340000'))).toBe('0.34 WATT')
})

test('shares, counts and durations', () => {
  expect([0.0123, 0.85, 1.004, null].map(percent).map(plain)).toEqual([
    '1.2 %',
    '85 %',
    '100 %',
    '–',
  ])
  expect(count(58_506)).toBe('58,506')
  const lengths = [4_000, 61_000, 3_600_000, 12_000_000, 3 * 86_400_000].map(duration)
  expect(lengths.map(plain)).toEqual(['4 s', '1 min', '1 h', '3 h 20 min', '3 days'])
})

test('nothing that rounds to zero has a sign', () => {
  expect(plain(kw(-0.2))).toBe('0 W')
  expect(plain(percent(-0.0001))).toBe('0.0 %')
})

test('times are those of the site', () => {
  expect(clockTime('2013-07-01T17:00:00.000Z', 'Europe/London')).toBe('18:00')
  expect(clockTime(Date.UTC(2013, 1, 11), 'Europe/London', true)).toBe('11 Feb 2013, 00:00')
})

test('a unit can be set smaller than its figure', () => {
  expect(splitUnit(kwh(3_504_000))).toEqual(['3.50', 'kWh'])
  expect(splitUnit('–')).toEqual(['–', ''])
  expect(shortHash(`0x${'12'.repeat(32)}`)).toBe('0x12121212…1212')
})

function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ')
}
