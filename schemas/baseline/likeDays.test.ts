import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { intervalStarts, isoUtc, localDayNamed, localDayOf } from '../time.ts'
import { listLikeDays, matchInstant, matchSlots } from './likeDays.ts'
import { caiso10in10 } from './methods.ts'

const zone = 'Europe/London'
const none = new Set<string>()
const dayOf = (date: string) => localDayNamed(date, zone)
const like = (date: string, off: { excluded?: string[]; holidays?: string[] } = {}) =>
  listLikeDays({
    ...{ method: caiso10in10, zone, day: dayOf(date) },
    excludedDates: new Set(off.excluded ?? []),
    holidays: new Set(off.holidays ?? []),
  })

describe('listLikeDays', () => {
  test('a Monday has earlier weekdays, latest first, of 45 days', () => {
    const { days, type, since } = like('2013-02-11')
    expect(type.pool).toBe(10)
    expect(since).toBe('2012-12-28')
    const dates = days.map((each) => each.date)
    expect(dates.slice(0, 6)).toEqual([
      ...['2013-02-08', '2013-02-07', '2013-02-06', '2013-02-05', '2013-02-04'],
      '2013-02-01',
    ])
    // 45 days are six weeks, of 5 weekdays each, and a Friday, a Saturday and a Sunday.
    expect(days).toHaveLength(6 * 5 + 1)
    expect(days.every(({ weekday }) => weekday <= 5)).toBe(true)
  })

  test('a holiday is like a weekend day, and an excluded date like none', () => {
    const holidays = ['2013-02-07']
    const excluded = ['2013-02-06', '2013-02-02']
    const weekdays = like('2013-02-11', { holidays, excluded }).days.map(({ date }) => date)
    expect(weekdays.slice(0, 2)).toEqual(['2013-02-08', '2013-02-05'])
    const weekend = like('2013-02-09', { holidays, excluded })
    expect(weekend.type.pool).toBe(4)
    expect(weekend.days.slice(0, 3).map(({ date }) => date)).toEqual([
      ...['2013-02-07', '2013-02-03', '2013-01-27'],
    ])
    // The day itself may be a holiday.
    expect(like('2013-02-11', { holidays: ['2013-02-11'] }).days[0]!.date).toBe('2013-02-10')
  })

  test('each earlier day is like a weekday, a weekend day or excluded, and never two', () => {
    const dates = fc
      .integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2014, 0, 1) })
      .map((ms) => localDayOf(ms, zone).date)
    fc.assert(
      fc.property(dates, fc.array(fc.nat(44), { maxLength: 5 }), (date, off) => {
        const all = Array.from({ length: 45 }, (_, back) => {
          return new Date(Date.parse(`${date}T12:00Z`) - (back + 1) * 86_400_000)
        }).map((each) => each.toISOString().slice(0, 10))
        const excluded = [...new Set(off.map((back) => all[back]!))]
        const asWeekday = listLikeDays({
          ...{ method: caiso10in10, zone, day: { ...dayOf(date), weekday: 1 } },
          ...{ excludedDates: new Set(excluded), holidays: none },
        })
        const asWeekend = listLikeDays({
          ...{ method: caiso10in10, zone, day: { ...dayOf(date), weekday: 7 } },
          ...{ excludedDates: new Set(excluded), holidays: none },
        })
        const found = [...asWeekday.days, ...asWeekend.days].map((each) => each.date)
        expect([...found, ...excluded].sort()).toEqual([...all].sort())
        expect(asWeekday.since).toBe(all.at(-1))
      }),
    )
  })
})

describe('matchInstant', () => {
  const at = (text: string, from: string, to: string) => {
    const ms = matchInstant(Date.parse(text), { from: dayOf(from), to: dayOf(to), zone })
    return ms === null ? null : isoUtc(ms)
  }

  test.each([
    ['2013-02-11T17:00Z', '2013-02-11', '2013-02-04', '2013-02-04T17:00:00.000Z'],
    // From winter to summer time the wall clock counts.
    ['2013-04-08T16:00Z', '2013-04-08', '2013-03-25', '2013-03-25T17:00:00.000Z'],
    // 01:30 does not exist on 31 March; on 27 October its first occurrence counts.
    ['2013-03-30T01:30Z', '2013-03-30', '2013-03-31', null],
    ['2013-10-26T00:30Z', '2013-10-26', '2013-10-27', '2013-10-27T00:30:00.000Z'],
    ['2013-10-27T01:30Z', '2013-10-27', '2013-10-26', '2013-10-26T00:30:00.000Z'],
    // Before and after the day: as many days apart.
    ['2013-02-10T22:00Z', '2013-02-11', '2013-02-04', '2013-02-03T22:00:00.000Z'],
    ['2013-02-12T00:00Z', '2013-02-11', '2013-02-04', '2013-02-05T00:00:00.000Z'],
  ])('%s of %s is on %s %s', (text, from, to, found) => {
    expect(at(text, from, to)).toBe(found)
  })

  test('an instant within its day has the same wall-clock time on the other, and back', () => {
    const ms = fc.integer({ min: Date.UTC(2013, 0, 1), max: Date.UTC(2013, 11, 31) })
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'medium' })
    fc.assert(
      fc.property(ms, ms, (one, other) => {
        const [from, to] = [localDayOf(one, zone), localDayOf(other, zone)]
        const found = matchInstant(one, { from, to, zone })
        if (found === null) return
        expect(localDayOf(found, zone)).toEqual(to)
        expect(clock.format(found)).toBe(clock.format(one))
        const back = matchInstant(found, { from: to, to: from, zone })
        expect(clock.format(back!)).toBe(clock.format(one))
      }),
    )
  })

  test('days away from its day, an instant is matched by the calendar, in any zone', () => {
    const zones = [zone, 'Australia/Lord_Howe', 'America/Havana', 'Pacific/Apia', 'Asia/Kathmandu']
    const ms = fc.integer({ min: Date.UTC(2011, 10, 1), max: Date.UTC(2013, 11, 31) })
    const aside = fc.integer({ min: -3 * 86_400, max: 3 * 86_400 })
    fc.assert(
      fc.property(ms, ms, aside, fc.constantFrom(...zones), (one, other, asideS, zoneOf) => {
        const [from, to] = [localDayOf(one, zoneOf), localDayOf(other, zoneOf)]
        const instant = from.startMs + asideS * 1000
        const at = Temporal.Instant.fromEpochMilliseconds(instant)
        const wall = at.toZonedDateTimeISO(zoneOf)
        const apart = Temporal.PlainDate.from(from.date).until(wall.toPlainDate())
        const found = Temporal.PlainDate.from(to.date)
          .add(apart)
          .toPlainDateTime(wall.toPlainTime())
          .toZonedDateTime(zoneOf, { disambiguation: 'earlier' })
        const isThere = found.toPlainTime().equals(wall.toPlainTime())
        const expected = isThere ? found.epochMilliseconds : null
        expect(matchInstant(instant, { from, to, zone: zoneOf })).toBe(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('the intervals of a day are matched one by one, also the second time', () => {
    const dates = ['2013-02-11', '2013-03-30', '2013-03-31', '2013-10-26', '2013-10-27']
    // New York and Havana change on one day that starts at one instant, but not at one hour.
    dates.push('2013-03-09', '2013-03-10')
    const zones = [zone, 'Australia/Lord_Howe', 'America/New_York', 'America/Havana', zone]
    for (const zoneOf of zones) {
      for (const stepS of [900, 1800]) {
        for (const [from, to] of dates.flatMap((one) => dates.map((other) => [one, other]))) {
          const days = { from: localDayNamed(from!, zoneOf), to: localDayNamed(to!, zoneOf) }
          const slots = intervalStarts(days.from, stepS)
          const asked = { ...days, zone: zoneOf }
          expect(matchSlots(slots, asked)).toEqual(slots.map((ms) => matchInstant(ms, asked)))
        }
      }
    }
  })
})
