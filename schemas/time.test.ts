import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeZoneError } from './errors/meter.ts'
import {
  addDays,
  intervalStarts,
  isoUtc,
  localDayNamed,
  localDayOf,
  localToEpochMs,
} from './time.ts'

const hourMs = 3_600_000
/** Half an hour of summer time, offsets of 45 minutes, a date that was skipped, no midnight. */
const zones = [
  ...['UTC', 'Europe/London', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...['Pacific/Apia', 'Africa/Casablanca', 'America/St_Johns'],
]
const anyZone = fc.constantFrom(...zones)
const anyMs = fc.integer({ min: Date.UTC(1969, 0, 1), max: Date.UTC(2040, 0, 1) })

test('an instant is in its day, and days follow one another without a gap', () => {
  fc.assert(
    fc.property(anyMs, anyZone, (ms, zone) => {
      const day = localDayOf(ms, zone)
      expect(day.startMs).toBeLessThanOrEqual(ms)
      expect(day.endMs).toBeGreaterThan(ms)
      // The first and the last millisecond are of the same day, asked in whatever order.
      expect(localDayOf(day.endMs - 1, zone)).toEqual(day)
      expect(localDayOf(day.startMs, zone)).toEqual(day)
      const next = localDayOf(day.endMs, zone)
      expect(next.startMs).toBe(day.endMs)
      expect(localDayOf(day.startMs - 1, zone).endMs).toBe(day.startMs)
      expect(next.date > day.date).toBe(true)
      expect(next.weekday).not.toBe(day.weekday)
    }),
  )
})

test('a date is that of the wall clock, and its weekday that of the calendar', () => {
  fc.assert(
    fc.property(anyMs, anyZone, (ms, zone) => {
      const { date, weekday } = localDayOf(ms, zone)
      const named = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
      expect(named.format(ms)).toBe(date)
      // 1970-01-01 was a Thursday, day 4.
      const days = Date.parse(`${date}T00:00Z`) / 86_400_000
      expect(weekday).toBe(((((days + 3) % 7) + 7) % 7) + 1)
      expect(localDayNamed(date, zone)).toEqual(localDayOf(ms, zone))
    }),
  )
})

test.each([
  ['Europe/London', '2013-02-11', 24],
  ['Europe/London', '2013-03-31', 23],
  ['Europe/London', '2013-10-27', 25],
  ['Australia/Lord_Howe', '2013-10-06', 23.5],
  ['Australia/Lord_Howe', '2013-04-07', 24.5],
  // Midnight was skipped: the day began at one.
  ['America/Sao_Paulo', '2018-11-04', 23],
])('in %s %s has %s hours', (zone, date, hours) => {
  const day = localDayNamed(date, zone)
  expect(day.date).toBe(date)
  expect((day.endMs - day.startMs) / hourMs).toBe(hours)
})

test('days are added by the calendar, and back', () => {
  fc.assert(
    fc.property(anyMs, anyZone, fc.integer({ min: -400, max: 400 }), (ms, zone, count) => {
      // Samoa had no 30 December 2011: what is added across it cannot come back.
      fc.pre(zone !== 'Pacific/Apia')
      const day = localDayOf(ms, zone)
      const later = addDays(day, count, zone)
      const apart = Date.parse(`${later.date}T00:00Z`) - Date.parse(`${day.date}T00:00Z`)
      expect(apart / 86_400_000).toBe(count)
      expect(addDays(later, -count, zone)).toEqual(day)
    }),
  )
  const last = localDayNamed('2011-12-29', 'Pacific/Apia')
  expect(localDayOf(last.endMs, 'Pacific/Apia').date).toBe('2011-12-31')
})

test('a wall-clock time that is skipped or shown twice is moved, or refused on demand', () => {
  const ms = (stamp: string, how?: 'reject') => localToEpochMs(stamp, 'Europe/London', how)
  expect(isoUtc(ms(' 2013-07-01 12:00 '))).toBe('2013-07-01T11:00:00.000Z')
  expect(isoUtc(ms('2013-01-01T12:00:00.250'))).toBe('2013-01-01T12:00:00.250Z')
  // 01:30 does not exist: an hour forward. 01:30 is twice: the first, in summer time.
  expect(isoUtc(ms('2013-03-31T01:30'))).toBe('2013-03-31T01:30:00.000Z')
  expect(isoUtc(ms('2013-10-27T01:30'))).toBe('2013-10-27T00:30:00.000Z')
  expect(() => ms('2013-03-31T01:30', 'reject')).toThrow(RangeError)
  expect(() => ms('2013-10-27T01:30', 'reject')).toThrow(RangeError)
  expect(isoUtc(ms('2013-10-27T02:00', 'reject'))).toBe('2013-10-27T02:00:00.000Z')
  expect(() => ms('2013-02-30T00:00')).toThrow(RangeError)
})

test('intervals start in the range and cover it, the last one perhaps beyond its end', () => {
  const range = { startMs: 500, endMs: 4_500 }
  expect(intervalStarts(range, 2)).toEqual([500, 2_500])
  expect(intervalStarts(range, 3)).toEqual([500, 3_500])
  expect(intervalStarts({ startMs: 500, endMs: 500 }, 1)).toEqual([])
})

test('an abbreviation is no zone, with the zone that is meant', () => {
  // `Intl` takes BST for the time of Bangladesh.
  expect(() => localDayOf(0, 'BST')).toThrow('"BST" is not an IANA time zone. Write Europe/London.')
  expect(() => localDayOf(0, 'Mars/Base')).toThrow('Write its name, such as Europe/London.')
  for (const zone of ['UTC', 'GMT', 'CET', 'EST', 'Asia/Calcutta']) {
    expect(() => localDayOf(0, zone)).not.toThrow()
  }
})

test('an unknown zone is refused, also after known ones', () => {
  for (const zone of ['Europe/Lindon', '', 'Europe/London ']) {
    expect(() => localDayOf(0, zone)).toThrow(TimeZoneError)
    expect(() => localDayNamed('2013-02-11', zone)).toThrow(TimeZoneError)
    expect(() => localToEpochMs('2013-02-11T00:00', zone)).toThrow(TimeZoneError)
  }
})
