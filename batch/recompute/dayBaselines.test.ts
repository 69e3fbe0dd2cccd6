import { expect, test } from 'vitest'
import { caiso10in10 } from '../../schemas/baseline/methods.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { addDays, localDayNamed } from '../../schemas/time.ts'
import { baselineRows, dayBaselines, listDays } from './dayBaselines.ts'

const zone = 'Europe/London'
const meter = aMeter({ meter: 'M1', zone })
const monday = localDayNamed('2013-02-11', zone)
const none = new Set<string>()

test('an ordinary Monday is the mean of weekdays before it, and only of those', () => {
  // Two weekdays and a Sunday: 100 Wh and 200 Wh count, 999 Wh do not.
  const readings = [
    ...dayOf('2013-02-07', 100),
    ...dayOf('2013-02-08', 200),
    ...dayOf('2013-02-10', 999),
  ]

  const { slots, daysWithout } = baselinesFor(readings)
  const rows = baselineRows(slots, { meter, run: 2n })

  expect(daysWithout).toEqual([])
  expect(rows).toHaveLength(48)
  // Spread of 100 and 200 Wh: √(2 · 50²) = 70.71 Wh, in half an hour 141.42 W.
  expect(rows[0]).toMatchObject({ start: monday.startMs, baseline_mwh: 150_000, duration_s: 1800 })
  expect(rows[0]!.sigma_w).toBeCloseTo(141.42, 2)
})

test('what comes after the day does not change it', () => {
  const before = dayOf('2013-02-08', 100)

  expect(
    baselinesFor([...before, ...dayOf('2013-02-11', 999), ...dayOf('2013-02-12', 999)]),
  ).toEqual(baselinesFor(before))
})

test('a day without a like day is counted and gets no baseline', () => {
  // 28 December is the earliest weekday within the 45 days before it.
  const since = new Map([['2013-02-11', '2012-12-28']])
  const nothing = { slots: new Map(), daysWithout: [monday], since, isFull: false }
  expect(baselinesFor([])).toEqual(nothing)
})

test('an occupant has no baseline of days before it moved in; the former one keeps its own', () => {
  const readings = [...dayOf('2013-02-07', 100), ...dayOf('2013-02-08', 200)]
  const friday = localDayNamed('2013-02-08', zone).startMs
  const given = { method: caiso10in10, meter, readings, excludedDates: none, holidays: none }
  const of = (days: readonly (typeof monday)[], occupied: readonly number[]) =>
    dayBaselines({ ...given, days, occupied })
  expect(of([monday], [friday]).slots.get(monday.startMs)?.baselineMwh).toBe(200_000)
  expect(of([monday], [0]).slots.get(monday.startMs)?.baselineMwh).toBe(150_000)
  expect(of([monday], [0, monday.startMs]).daysWithout).toEqual([monday])
  // Until the next one moves in, on Tuesday, each day is that of its own occupant.
  const tuesday = addDays(monday, 1, zone)
  const both = of([monday, tuesday], [friday, tuesday.startMs])
  expect(both.slots.get(monday.startMs)?.baselineMwh).toBe(200_000)
  expect(both.daysWithout).toEqual([tuesday])
})

test('days are counted from the local day of an instant', () => {
  // 23:30 UTC on a summer Sunday is already Monday in London.
  const ms = Date.UTC(2013, 6, 7, 23, 30)

  expect(listDays(ms, zone, [-1, 1]).map((day) => day.date)).toEqual([
    '2013-07-07',
    '2013-07-08',
    '2013-07-09',
  ])
})

function baselinesFor(readings: ReturnType<typeof dayOf>) {
  const given = { method: caiso10in10, meter, readings, days: [monday] }
  return dayBaselines({ ...given, excludedDates: none, holidays: none })
}

function dayOf(date: string, wattHours: number) {
  const day = addDays(localDayNamed(date, zone), 0, zone)
  return Array.from({ length: 48 }, (_, slot) => ({
    meter: 'M1',
    start_ms: day.startMs + slot * 1_800_000,
    energy_mwh: wattHours * 1000,
    duration_s: 1800,
    quality: 2,
  }))
}
