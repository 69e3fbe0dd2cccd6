import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localDayOf } from '../../../schemas/time.ts'
import { dayAround, localMidnight, nextMidnight } from './localDay.ts'

const zones = ['Europe/London', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Sydney']

test('midnights are those of Temporal, across DST changes too', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2013, 0, 1), max: Date.UTC(2015, 0, 1) }),
      fc.constantFrom(...zones),
      (ms, zone) => {
        const { startMs, endMs } = localDayOf(ms, zone)
        expect(localMidnight(ms, zone)).toBe(startMs)
        expect(nextMidnight(ms, zone)).toBe(endMs)
      },
    ),
  )
})

test('days of 23 and of 25 hours', () => {
  const hours = (ms: number) => {
    return (nextMidnight(ms, 'Europe/London') - localMidnight(ms, 'Europe/London')) / 3_600_000
  }
  expect(hours(Date.UTC(2013, 2, 31, 12))).toBe(23)
  expect(hours(Date.UTC(2013, 9, 27, 12))).toBe(25)
})

test('the chart includes yesterday evening until six', () => {
  const hour = (at: number) => Date.UTC(2013, 1, 21, at)
  expect(dayAround(hour(4), 'UTC')).toEqual({ fromMs: Date.UTC(2013, 1, 20), toMs: hour(24) })
  expect(dayAround(hour(6), 'UTC')).toEqual({ fromMs: hour(0), toMs: hour(24) })
})
