import { expect, test } from 'vitest'
import { addDays, type EpochMs, localDayNamed, localToEpochMs } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'
import { measureControlPlacebo, measurePlacebo } from './measurePlacebo.ts'
import { caiso10in10 } from './methods.ts'

const zone = 'Europe/London'
const startMs = localToEpochMs('2013-02-11T17:00', zone)
const none: ReadonlySet<string> = new Set()
const noError = { rrmse: 0, bias: 0, nmae: 0, variability: 0 }
const common = {
  method: caiso10in10,
  zone,
  event: { startMs, endMs: startMs + 3_600_000 },
  stepS: 1800,
  excludedDates: none,
  holidays: none,
}

test('sites that never change have no error', () => {
  const placebo = measurePlacebo({ ...common, participants: [site(() => 500), site(() => 70)] })
  expect(placebo.errors).toEqual(noError)
  expect(placebo.days).toEqual([
    '2013-02-08',
    '2013-02-07',
    '2013-02-06',
    '2013-02-05',
    '2013-02-04',
  ])
})

test('an event day in between is not a placebo, and its error does not count', () => {
  const excludedDates = new Set(['2013-02-07'])
  const participants = [site((date) => (date === '2013-02-07' ? 9 : 500))]
  const placebo = measurePlacebo({ ...common, participants, excludedDates })
  expect(placebo.days).not.toContain('2013-02-07')
  expect(placebo.errors).toEqual(noError)
})

test('a rising load is under-estimated: the bias has a sign', () => {
  // Load 1000 before February and 1100 from the first on, the window too on the day: the mean of
  // ten days lags. On the fourth, nine of ten days are the old level, and so on.
  const participants = [site((date, hour) => (date >= '2013-02-01' && hour >= 17 ? 1100 : 1000))]
  const { errors } = measurePlacebo({ ...common, participants })
  // The fourth to the eighth have 1, 2, 3, 4, 5 days at the new level: short by 90, 80, 70, 60, 50.
  expect(errors!.bias).toBeCloseTo(-(90 + 80 + 70 + 60 + 50) / 5 / 1100, 12)
  const squares = (90 ** 2 + 80 ** 2 + 70 ** 2 + 60 ** 2 + 50 ** 2) / 5
  expect(errors!.rrmse).toBeCloseTo(Math.sqrt(squares) / 1100, 12)
})

test('sites that feed in are measured by magnitude, each by its own kind', () => {
  // -500 in the event's hours and 400 before; 70 throughout. Both never change.
  const participants = [site((_, hour) => (hour >= 17 ? -500 : 400)), site(() => 70)]
  const signed = measurePlacebo({ ...common, participants, mayBeNegative: [true, false] })
  expect(signed.errors).toEqual(noError)
  // 100 more from the first of February on: short by 90 to 50, of a magnitude of 400.
  const rising = [site((date, hour) => (hour < 17 ? 400 : date >= '2013-02-01' ? -400 : -500))]
  const { errors } = measurePlacebo({ ...common, participants: rising, mayBeNegative: [true] })
  expect(errors!.bias).toBeCloseTo(-(90 + 80 + 70 + 60 + 50) / 5 / 400, 12)
  const controls = [site((date) => (date >= '2013-02-01' ? -5 : -105))]
  const group = { ...common, participants: rising, controls, mayBeNegative: true }
  // The controls rise by as much: shifted by the difference there is no error.
  expect(measureControlPlacebo(group).errors).toEqual(noError)
})

test('neighbours that move together are a good control; no history, no measure', () => {
  const participants = [site((date) => (date > '2013-02-04' ? 300 : 200))]
  const controls = [site((date) => (date > '2013-02-04' ? 900 : 600))]
  const placebo = measureControlPlacebo({ ...common, participants, controls })
  expect(placebo.errors).toEqual(noError)
  expect(measurePlacebo({ ...common, participants: [new Map()] })).toEqual({
    errors: null,
    days: [],
  })
  expect(measureControlPlacebo({ ...common, participants, controls: [] }).errors).toBeNull()
})

function site(mwhOf: (date: string, hour: number) => number): Map<EpochMs, EnergyMwh> {
  const readings = new Map<EpochMs, EnergyMwh>()
  let day = localDayNamed('2012-12-12', zone)
  for (; day.date <= '2013-02-11'; day = addDays(day, 1, zone)) {
    // No clock changes in these weeks: local and UTC hours are the same.
    for (let ms = day.startMs; ms < day.endMs; ms += 1_800_000) {
      readings.set(ms, energyMwh(mwhOf(day.date, Math.floor((ms - day.startMs) / 3_600_000))))
    }
  }
  return readings
}
