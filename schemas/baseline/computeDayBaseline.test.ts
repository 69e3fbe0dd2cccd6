import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MeterGapError } from '../errors/baseline.ts'
import {
  addDays,
  type EpochMs,
  intervalStarts,
  type LocalDay,
  localDayNamed,
  localToEpochMs,
} from '../time.ts'
import { type EnergyMwh, energyMwh, scaleHalfEven } from '../units.ts'
import { computeDayBaseline } from './computeDayBaseline.ts'
import { caiso10in10 } from './methods.ts'

const zone = 'Europe/London'
const none: ReadonlySet<string> = new Set()

test('mean and spread of the like days, slot by slot', () => {
  // Ten weekdays of 100, 200, … 1000: mean 550, spread sqrt(sum of squares 825,000 / 9) = 302.77.
  const readings = new Map<EpochMs, EnergyMwh>()
  let day = localDayNamed('2013-02-08', zone)
  for (let mwh = 100; mwh <= 1000; day = addDays(day, -1, zone)) {
    if (day.weekday > 5) continue
    fillDay(readings, day, mwh)
    mwh += 100
  }
  const baseline = compute('2013-02-11', readings)
  expect(baseline.intervals).toHaveLength(48)
  expect(baseline.intervals[20]!.baselineMwh).toBe(550)
  expect(baseline.intervals[20]!.spreadMwh).toBeCloseTo(302.765, 3)
  expect(baseline.flags).toEqual([])
  expect(baseline.days).toHaveLength(10)
})

test('a slot some days miss is the mean of those that have it; none has it: left out', () => {
  const readings = new Map<EpochMs, EnergyMwh>()
  fillDay(readings, localDayNamed('2013-02-08', zone), 100)
  fillDay(readings, localDayNamed('2013-02-07', zone), 300)
  readings.delete(localToEpochMs('2013-02-08T10:00', zone))
  for (const date of ['2013-02-08', '2013-02-07']) {
    readings.delete(localToEpochMs(`${date}T12:30`, zone))
  }
  const baseline = compute('2013-02-11', readings)
  const slotAt = (stamp: string) =>
    baseline.intervals.find((each) => each.startMs === localToEpochMs(stamp, zone))
  expect(slotAt('2013-02-11T09:30')).toMatchObject({ baselineMwh: 200 })
  expect(slotAt('2013-02-11T10:00')).toMatchObject({ baselineMwh: 300, spreadMwh: 0 })
  expect(slotAt('2013-02-11T12:30')).toBeUndefined()
  expect(baseline.flags).toEqual(['few-days:2-of-10', 'slots-without-days:1'])
})

test('a day with less than half of its readings does not count', () => {
  const readings = new Map<EpochMs, EnergyMwh>()
  fillDay(readings, localDayNamed('2013-02-08', zone), 100)
  fillDay(readings, localDayNamed('2013-02-07', zone), 300)
  for (const start of [...readings.keys()].slice(0, 25)) readings.delete(start)
  expect(compute('2013-02-11', readings).days).toEqual(['2013-02-07'])
  expect(() => compute('2013-02-11', new Map())).toThrow(MeterGapError)
})

test('without enough days it depends on the whole look-back, where a date may become like', () => {
  const readings = new Map<EpochMs, EnergyMwh>()
  for (const date of ['2013-02-03', '2013-02-02', '2013-01-27']) {
    fillDay(readings, localDayNamed(date, zone), 100)
  }
  // Saturday 9 February less 45 days is a Wednesday.
  expect(compute('2013-02-09', readings)).toMatchObject({ since: '2012-12-26', isFull: false })
  fillDay(readings, localDayNamed('2013-01-26', zone), 100)
  expect(compute('2013-02-09', readings)).toMatchObject({ since: '2013-01-26', isFull: true })
})

test('days of 23 and 25 hours are matched by the wall clock', () => {
  const readings = new Map<EpochMs, EnergyMwh>()
  for (const date of ['2013-03-24', '2013-03-23', '2013-10-20', '2013-10-19']) {
    const day = localDayNamed(date, zone)
    fillDay(readings, day, 0)
    // 1000 from 01:00 to 02:00 only.
    for (const stamp of ['01:00', '01:30']) {
      readings.set(localToEpochMs(`${date}T${stamp}`, zone), energyMwh(1000))
    }
  }
  const spring = compute('2013-03-31', readings)
  expect(spring.intervals).toHaveLength(46)
  expect(spring.intervals.every((each) => each.baselineMwh === 0)).toBe(true)
  const autumn = compute('2013-10-27', readings)
  expect(autumn.intervals).toHaveLength(50)
  expect(autumn.intervals.map((each) => each.baselineMwh).slice(0, 7)).toEqual([
    0, 0, 1000, 1000, 1000, 1000, 0,
  ])
})

test('the day before is not over when the baseline is published: it is left out', () => {
  const readings = new Map<EpochMs, EnergyMwh>()
  fillDay(readings, localDayNamed('2013-02-12', zone), 100)
  const known = compute('2013-02-14', readings)
  fillDay(readings, localDayNamed('2013-02-13', zone), 900)
  expect(known.days).toEqual(['2013-02-12'])
  expect(compute('2013-02-14', readings)).toEqual(known)
})

test('its mean is rounded as scaleHalfEven rounds', () => {
  const energies = fc.array(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), {
    minLength: 1,
    maxLength: 10,
  })
  fc.assert(
    fc.property(energies, (each) => {
      const readings = new Map<EpochMs, EnergyMwh>()
      let day = localDayNamed('2013-02-08', zone)
      for (let index = 0; index < each.length; day = addDays(day, -1, zone)) {
        if (day.weekday <= 5) fillDay(readings, day, each[index++]!)
      }
      const sum = each.reduce((whole, next) => whole + BigInt(next), 0n)
      const mean = scaleHalfEven(sum, 1n, BigInt(each.length))
      expect(BigInt(compute('2013-02-11', readings).intervals[7]!.baselineMwh)).toBe(mean)
    }),
    { numRuns: 50 },
  )
})

function compute(date: string, readings: ReadonlyMap<EpochMs, EnergyMwh>) {
  const day = localDayNamed(date, zone)
  const slots = intervalStarts(day, 1800)
  const common = { method: caiso10in10, zone, excludedDates: none, holidays: none }
  return computeDayBaseline({ ...common, day, slots, readings })
}

function fillDay(readings: Map<EpochMs, EnergyMwh>, day: LocalDay, mwh: number): void {
  for (let ms = day.startMs; ms < day.endMs; ms += 1_800_000) readings.set(ms, energyMwh(mwh))
}
