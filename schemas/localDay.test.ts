import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { localDayAt } from './localDay.ts'
import { isoUtc, localDayOf } from './time.ts'

const hourMs = 3_600_000
/** Clocks that go back to midnight or over it, skip it or a date, or shift by half an hour. */
const zones = [
  ...['UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'],
  ...['Atlantic/Azores', 'America/Havana', 'Asia/Amman', 'Asia/Gaza', 'America/Scoresbysund'],
  ...['America/St_Johns', 'America/Sao_Paulo', 'Pacific/Apia', 'Africa/Monrovia', 'Asia/Beirut'],
]

test('a day lasts from the first instant of its date to that of the next, as in Temporal', () => {
  const anyMs = fc.integer({ min: Date.UTC(1969, 0, 1), max: Date.UTC(2040, 0, 1) })
  fc.assert(
    fc.property(changeOr(anyMs), fc.constantFrom(...zones), (ms, zone) => {
      const day = localDayAt(ms, zone)
      expect(day.startMs <= ms && ms < day.endMs).toBe(true)
      const zoned = Temporal.PlainDate.from(day.date).toZonedDateTime(zone)
      expect(day.startMs).toBe(zoned.startOfDay().epochMilliseconds)
      expect(day.endMs).toBe(zoned.add({ days: 1 }).startOfDay().epochMilliseconds)
      expect(localDayOf(ms, zone)).toMatchObject(day)
    }),
  )
})

/** Half of them within hours of the nights in which the clocks of those zones change. */
function changeOr(anyMs: fc.Arbitrary<number>) {
  const nights = [
    '2026-10-25',
    '2026-11-01',
    '2006-10-29',
    '2018-11-04',
    '2011-12-30',
    '2012-10-26',
  ]
  const near = fc.constantFrom(...nights.map((night) => Date.parse(night)))
  const within = fc.integer({ min: -48 * hourMs, max: 48 * hourMs })
  return fc.oneof(
    anyMs,
    fc.tuple(near, within).map(([nightMs, ms]) => nightMs + ms),
  )
}

test.each([
  // At 01:00 UTC clocks go from 01:00 back to 00:00, so the day began an hour before.
  ['Atlantic/Azores', '2026-10-25T02:00Z', '2026-10-25', '2026-10-25T00:00:00.000Z', 25],
  ['America/Havana', '2026-11-01T06:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
  // At 01:00 UTC they would show 00:00, and go back to 23:00 of the evening before.
  ['America/Scoresbysund', '2026-10-25T03:00Z', '2026-10-25', '2026-10-25T02:00:00.000Z', 24],
  // At 00:01 they go back to 23:01: that evening is repeated within the new day.
  ['America/St_Johns', '2006-10-29T02:45Z', '2006-10-29', '2006-10-29T02:30:00.000Z', 25],
  // Midnight is skipped.
  ['America/Sao_Paulo', '2018-11-04T12:00Z', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
  // A date is skipped.
  ['Pacific/Apia', '2011-12-30T09:00Z', '2011-12-29', '2011-12-29T10:00:00.000Z', 24],
])('in %s the day of %s is %s, from %s, %s hours', (zone, at, date, start, hours) => {
  const day = localDayAt(Date.parse(at), zone)
  expect({ ...day, startMs: isoUtc(day.startMs) }).toEqual({
    ...{ date, startMs: start },
    endMs: Date.parse(start) + hours * hourMs,
  })
})

test('a day is the same one in whatever order instants of it are asked', () => {
  // An instant of the repeated evening in St John's, before and after a look at its day.
  const repeated = Date.UTC(1999, 9, 31, 2, 45)
  const first = localDayOf(repeated, 'America/St_Johns')
  expect(first.startMs <= repeated && repeated < first.endMs).toBe(true)
  expect(localDayOf(first.startMs, 'America/St_Johns')).toEqual(first)
})
