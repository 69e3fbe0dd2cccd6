import { describe, expect, test } from 'vitest'
import { addDays, type EpochMs, localDayNamed } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'
import { type EvaluateMethodParameters, evaluateMethod } from './evaluateMethod.ts'
import type { BaselineMethod } from './methods.ts'

const zone = 'Europe/London'
const none: ReadonlySet<string> = new Set()

/** The mean of the two latest like days. */
const twoDays: BaselineMethod = {
  id: 'two-days',
  dayTypes: [
    { classes: ['weekday'], pool: 2, pick: { kind: 'all' } },
    { classes: ['saturday', 'sunday-or-holiday'], pool: 1, pick: { kind: 'all' } },
  ],
  lookBackDays: 10,
  adjust: { kind: 'none' },
  source: 'made up for these tests',
  status: 'confirmed',
}

/** Monday 4 to Friday 8 March 2013: no change of the clock. */
const week = { from: '2013-03-04', to: '2013-03-08' }
const risingMwh: Readonly<Record<string, number>> = {
  ...{ '2013-03-04': 100, '2013-03-05': 120, '2013-03-06': 140, '2013-03-07': 90 },
  '2013-03-08': 150,
}
const rising = (date: string, hour: number) => (hour === 17 ? risingMwh[date]! : 7)

describe('a week by hand', () => {
  // The mean of two days is 110, 130 and 115 where 140, 90 and 150 were metered: errors of
  // -30, 40 and -35. Each day has two half hours of it.
  const errors = [-30, 40, -35]
  const load = 140 + 90 + 150
  const mean = load / 3

  test('each figure is as METHODS §1.4 has it', () => {
    const figures = evaluateMethod(given({ sites: [site(week, rising)] }))
    expect(figures).toMatchObject({ events: 3, breakEvenShiftCost: null })
    const squares = errors.reduce((sum, each) => sum + each ** 2, 0)
    expect(figures.rrmse).toBeCloseTo(Math.sqrt(squares / 3) / mean, 12)
    expect(figures.bias).toBeCloseTo(-25 / load, 12)
    expect(figures.nmae).toBeCloseTo(105 / load, 12)
    const around = errors.reduce((sum, each) => sum + (each + 25 / 3) ** 2, 0)
    expect(figures.variability).toBeCloseTo(Math.sqrt(around / 3) / mean, 12)
    // Monday and Tuesday have no two days before them.
    expect(figures.leftOut).toEqual({ gap: 0, 'few-days': 2, 'clock-change': 0 })
  })

  test('an event day is neither a placebo nor a like day', () => {
    const excludedDates = new Set(['2013-03-06'])
    const figures = evaluateMethod(given({ sites: [site(week, rising)], excludedDates }))
    // 110 against 90 on Thursday, (120 + 90) / 2 = 105 against 150 on Friday.
    expect(figures).toMatchObject({ events: 2, bias: (20 - 45) / 240, nmae: 65 / 240 })
  })

  test('a holiday is another kind of day', () => {
    const holidays = new Set(['2013-03-06'])
    const figures = evaluateMethod(given({ sites: [site(week, rising)], holidays }))
    expect(figures).toMatchObject({ events: 2, bias: (20 - 45) / 240 })
    const other = given({ sites: [site(week, rising)], holidays, days: 'other' })
    const leftOut = { gap: 0, 'few-days': 1, 'clock-change': 0 }
    const empty = { rrmse: null, bias: null, nmae: null, variability: null }
    expect(evaluateMethod(other)).toMatchObject({ events: 0, ...empty, leftOut })
  })

  test('a missing interval of the event leaves the day out, as event and as like day', () => {
    const gappy = site(week, rising)
    gappy.readings.delete(at('2013-03-06', 17.5))
    const figures = evaluateMethod(given({ sites: [gappy] }))
    expect(figures).toMatchObject({ events: 2, bias: (20 - 45) / 240 })
    expect(figures.leftOut).toEqual({ gap: 1, 'few-days': 2, 'clock-change': 0 })
  })
})

test('sites by themselves are pooled, a portfolio is added up', () => {
  // The second errs by 30, -40 and 35: the portfolio has no error, the sites do.
  const mirrored = (date: string, hour: number) => 400 - rising(date, hour)
  const sites = [site(week, rising), site(week, mirrored)]
  const load = 3 * 400
  expect(evaluateMethod(given({ sites }))).toMatchObject({ events: 6, bias: 0, nmae: 210 / load })
  const portfolio = evaluateMethod(given({ sites, isPortfolio: true }))
  expect(portfolio).toMatchObject({ events: 3, rrmse: 0, bias: 0, nmae: 0, variability: 0 })
})

test('a point that feeds in is measured by its magnitude', () => {
  const feedIn = (date: string, hour: number) => -rising(date, hour)
  const sites = [{ ...site(week, feedIn), mayBeNegative: true }]
  expect(evaluateMethod(given({ sites }))).toMatchObject({ bias: 25 / 380, nmae: 105 / 380 })
})

describe('hours of the local day', () => {
  const constant = () => 10
  test('the same on the clock in winter and in summer', () => {
    // Clocks go forward on Sunday 31 March. Loaded from 17:00 to 18:00 on the clock only.
    const range = { from: '2013-03-25', to: '2013-04-05' }
    const sites = [site(range, (_, hour) => (hour === 17 ? 500 : 1))]
    const figures = evaluateMethod(given({ sites }))
    expect(figures).toMatchObject({ events: 8, rrmse: 0, leftOut: { 'few-days': 2 } })
  })

  test.each([
    [60, 120, 1],
    [0, 180, 1],
    [180, 240, 0],
  ])('minutes %i to %i are left out where the clock skips them', (from, to, skipped) => {
    const range = { from: '2013-03-23', to: '2013-03-31' }
    const hours = { fromMinute: from, toMinute: to }
    const figures = evaluateMethod(given({ sites: [site(range, constant)], hours, days: 'other' }))
    // Saturday has no day before it, Sunday, Saturday and Sunday have.
    expect(figures).toMatchObject({ events: 3 - skipped, leftOut: { 'clock-change': skipped } })
  })

  test('past midnight', () => {
    const hours = { fromMinute: 23 * 60, toMinute: 60 }
    const load = (_: string, hour: number) => (hour === 23 || hour === 0 ? 80 : 1)
    const figures = evaluateMethod(given({ sites: [site(week, load)], hours }))
    // The night after Friday is not in the data.
    expect(figures).toMatchObject({ events: 2, rrmse: 0, leftOut: { gap: 1, 'few-days': 2 } })
  })
})

function given(some: Partial<EvaluateMethodParameters>): EvaluateMethodParameters {
  return {
    ...{ method: twoDays, zone, hours: { fromMinute: 17 * 60, toMinute: 18 * 60 } },
    ...{ days: 'working', sites: [], isPortfolio: false, excludedDates: none, holidays: none },
    ...some,
  }
}

function at(date: string, hour: number): EpochMs {
  return localDayNamed(date, zone).startMs + hour * 3_600_000
}

/** Half hours by their hour on the clock. */
function site(
  { from, to }: { readonly from: string; readonly to: string },
  mwhOf: (date: string, hour: number) => number,
) {
  const readings = new Map<EpochMs, EnergyMwh>()
  for (let day = localDayNamed(from, zone); day.date <= to; day = addDays(day, 1, zone)) {
    const isShort = day.endMs - day.startMs < 86_400_000
    for (let ms = day.startMs; ms < day.endMs; ms += 1_800_000) {
      const hour = Math.floor((ms - day.startMs) / 3_600_000)
      readings.set(ms, energyMwh(mwhOf(day.date, hour + (isShort && hour > 0 ? 1 : 0))))
    }
  }
  return { stepS: 1800, readings, mayBeNegative: false }
}
