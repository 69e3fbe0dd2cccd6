import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MeterGapError } from '../errors/baseline.ts'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { addDays, type EpochMs, type LocalDay, localDayNamed, localToEpochMs } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'
import { type ComputeBaselineParameters, computeBaseline } from './computeBaseline.ts'
import { baselineMethodNamed, caiso10in10 } from './methods.ts'

const zone = 'Europe/London'
const halfHour = 1800
const none: ReadonlySet<string> = new Set()
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', timeZone: zone })

/** Monday 17:00 to 18:00: two half-hours; window 13:00 to 16:00, six half-hours. */
const monday = at('2013-02-11T17:00', 3600)

test('mean of ten weekdays, moved by the ratio of the window', () => {
  // Like days: 1000 each slot of the event, 500 each slot of the window. On the day the window
  // shows 550 each: ratio 3300 / 3000 = 11/10, baseline 1000 * 11/10 = 1100.
  const readings = fill('2012-12-20', '2013-02-11', (_, hour) => (hour >= 17 ? 1000 : 500))
  setWindow(readings, '2013-02-11', 550)
  const baseline = computeBaseline(parameters({ readings }))
  expect(baseline.intervals).toEqual([
    { startMs: monday.startMs, baselineMwh: 1100 },
    { startMs: monday.startMs + 1_800_000, baselineMwh: 1100 },
  ])
  expect(baseline.adjustment).toEqual({ kind: 'scalar', numerator: 11n, denominator: 10n })
  expect(baseline.flags).toEqual([])
  // Two working weeks before Monday the eleventh.
  const february = ['08', '07', '06', '05', '04', '01'].map((day) => `2013-02-${day}`)
  const january = ['31', '30', '29', '28'].map((day) => `2013-01-${day}`)
  expect(baseline.days).toEqual([...february, ...january])
  expect(baseline.used).toHaveLength(10 * (2 + 6) + 6)
})

test('a mean that is no whole number is rounded once, half to even', () => {
  // Ten days of 1000 and one of them 1005: mean 1000.5 -> 1000; with 1015: 1001.5 -> 1002.
  for (const [odd, mean] of [
    [1005, 1000],
    [1015, 1002],
  ] as const) {
    const readings = fill('2012-12-20', '2013-02-11', (date) =>
      date === '2013-02-08' ? odd : 1000,
    )
    // The window of the odd day is as on the others, so that the ratio is one.
    setWindow(readings, '2013-02-08', 1000)
    expect(computeBaseline(parameters({ readings })).intervals[0]!.baselineMwh).toBe(mean)
  }
})

test.each([
  [100, 4n, 5n, 800, true], // ratio 1/5, clipped to 4/5
  [400, 4n, 5n, 800, false], // exactly the lower end
  [600, 6n, 5n, 1200, false], // exactly the upper end
  [601, 6n, 5n, 1200, true],
  [5000, 6n, 5n, 1200, true],
])('window of %d against 500', (window, numerator, denominator, expected, isClipped) => {
  const readings = fill('2012-12-20', '2013-02-11', (_, hour) => (hour >= 17 ? 1000 : 500))
  setWindow(readings, '2013-02-11', window)
  const baseline = computeBaseline(parameters({ readings }))
  expect(baseline.adjustment).toEqual({ kind: 'scalar', numerator, denominator })
  expect(baseline.intervals[0]!.baselineMwh).toBe(expected)
  expect(baseline.flags).toEqual(isClipped ? ['adjustment-clipped'] : [])
})

test('a site that feeds in at the event is shifted, and its own readings give it again', () => {
  // Like days: -900 each slot of the event, 500 each of the window; the day shows 560 each there.
  const readings = fill('2012-12-20', '2013-02-11', (_, hour) => (hour >= 17 ? -900 : 500))
  setWindow(readings, '2013-02-11', 560)
  const baseline = computeBaseline(parameters({ readings, mayBeNegative: true }))
  expect(baseline.adjustment).toEqual({ kind: 'additive', numerator: 60n, denominator: 1n })
  expect(baseline.intervals.map((each) => each.baselineMwh)).toEqual([-840, -840])
  const again = new Map(baseline.used.map((each) => [each.startMs, each.energyMwh]))
  expect(computeBaseline(parameters({ readings: again, mayBeNegative: true }))).toEqual(baseline)
})

test('a gap, a holiday and an excluded date are passed over for earlier days', () => {
  const readings = fill('2012-12-20', '2013-02-11', () => 1000)
  readings.delete(localToEpochMs('2013-02-07T17:30', zone))
  readings.delete(localToEpochMs('2013-02-06T13:00', zone))
  const baseline = computeBaseline(
    parameters({
      readings,
      excludedDates: new Set(['2013-02-05']),
      holidays: new Set(['2013-02-04']),
    }),
  )
  expect(baseline.days).toHaveLength(10)
  for (const day of ['04', '05', '06', '07']) expect(baseline.days).not.toContain(`2013-02-${day}`)
  expect(baseline.flags).toEqual(['passed-over:2013-02-07', 'passed-over:2013-02-06'])
})

test('a weekend or holiday event looks at the four latest weekend days and holidays', () => {
  const readings = fill('2012-12-20', '2013-02-20', () => 1000)
  const sunday = at('2013-02-10T17:00', 3600)
  const days = ['2013-02-09', '2013-02-03', '2013-02-02', '2013-01-27']
  expect(computeBaseline(parameters({ readings, event: sunday })).days).toEqual(days)
  const holidays = new Set(['2013-02-11', '2013-02-06'])
  const onHoliday = computeBaseline(parameters({ readings, holidays }))
  expect(onHoliday.days).toEqual(['2013-02-10', '2013-02-09', '2013-02-06', '2013-02-03'])
})

test('too few days are used and flagged; none is an error', () => {
  const readings = fill('2013-02-06', '2013-02-11', () => 1000)
  const baseline = computeBaseline(parameters({ readings }))
  expect(baseline.days).toEqual(['2013-02-08', '2013-02-07', '2013-02-06'])
  expect(baseline.flags).toContain('few-days:3-of-10')
  expect(() => computeBaseline(parameters({ readings: new Map() }))).toThrow(MeterGapError)
})

test('days older than the look-back are never used', () => {
  const readings = fill('2012-12-01', '2012-12-27', () => 1000)
  // 45 days before 2013-02-11 is 2012-12-28.
  expect(() => computeBaseline(parameters({ readings }))).toThrow(MeterGapError)
  for (const [start, energy] of fill('2012-12-28', '2012-12-28', () => 7))
    readings.set(start, energy)
  expect(computeBaseline(parameters({ readings })).days).toEqual(['2012-12-28'])
})

test('without its window, or with an empty one, the mean is unadjusted', () => {
  const readings = fill('2012-12-20', '2013-02-11', (_, hour) => (hour >= 17 ? 1000 : 0))
  const empty = computeBaseline(parameters({ readings }))
  expect(empty.adjustment).toEqual({ kind: 'none' })
  expect(empty.flags).toEqual(['no-adjustment:window-empty'])
  readings.delete(localToEpochMs('2013-02-11T13:30', zone))
  const missing = computeBaseline(parameters({ readings }))
  expect(missing.flags).toEqual(['no-adjustment:window-missing'])
  expect(missing.intervals[0]!.baselineMwh).toBe(1000)
})

test('like days are matched by the wall clock across a change of the clock', () => {
  // 2013-03-31 is the day summer time begins: 17:00 local is 16:00Z after it and 17:00Z before.
  const readings = fill('2013-02-20', '2013-04-02', (_, hour) => hour * 1000)
  const baseline = computeBaseline(parameters({ readings, event: at('2013-04-02T17:00', 3600) }))
  expect(baseline.days).toContain('2013-03-28')
  expect(baseline.intervals.map((each) => each.baselineMwh)).toEqual([17_000, 17_000])
})

test('an hour the clock skips, and an hour it shows twice', () => {
  // Sunday 2013-04-07 at 01:00: Sunday 2013-03-31 has no such hour and is passed over.
  const spring = fill('2013-02-20', '2013-04-07', () => 1000)
  const skipped = computeBaseline(
    parameters({ readings: spring, event: at('2013-04-07T01:00', 3600) }),
  )
  expect(skipped.flags).toEqual(['passed-over:2013-03-31'])
  // Sunday 2013-10-27 shows 01:00 twice: an event over both, two hours, finds 01:00 twice.
  const autumn = fill('2013-09-10', '2013-10-27', (_, hour) => (hour === 1 ? 1000 : 500))
  const start = localToEpochMs('2013-10-27T01:00', zone)
  const twice = computeBaseline(
    parameters({ readings: autumn, event: { startMs: start, endMs: start + 2 * 3_600_000 } }),
  )
  expect(twice.intervals.map((each) => each.baselineMwh)).toEqual([1000, 1000, 1000, 1000])
})

test('an event just after midnight takes its window from the evening before', () => {
  const readings = fill('2012-12-20', '2013-02-12', (_, hour) => (hour >= 20 ? 500 : 1000))
  const baseline = computeBaseline(parameters({ readings, event: at('2013-02-12T00:30', 1800) }))
  expect(baseline.adjustment).toEqual({ kind: 'scalar', numerator: 1n, denominator: 1n })
  expect(baseline.days[0]).toBe('2013-02-11')
  expect(baseline.used.at(-1)!.startMs).toBe(localToEpochMs('2013-02-11T23:00', zone))
})

test('refuses events and intervals that do not fit one another', () => {
  const readings = fill('2013-02-01', '2013-02-11', () => 1000)
  const refused = [{ stepS: 1700 }, { stepS: 0 }, { event: at('2013-02-11T17:00', 1000) }]
  for (const wrong of [...refused, { event: at('2013-02-11T17:00', 90_000) }]) {
    expect(() => computeBaseline(parameters({ readings, ...wrong }))).toThrow(InvalidArgumentError)
  }
  expect(() => baselineMethodNamed('crystal-ball')).toThrow('no baseline method named crystal-ball')
})

test('the readings it used, in any order, give the same baseline again', () => {
  const starts = [...fill('2013-01-01', '2013-02-11', () => 1)].map(([start]) => start)
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.nat(3_000_000)),
      fc.integer({ min: 2, max: 60 }),
      (noise, gap) => {
        const energies = noise[Symbol.iterator]()
        const kept = starts.filter((_, index) => (index * 7919) % gap !== 0)
        const readings = new Map(kept.map((ms) => [ms, energyMwh(energies.next().value!)]))
        let baseline: ReturnType<typeof computeBaseline>
        try {
          baseline = computeBaseline(parameters({ readings }))
        } catch (error) {
          expect(error).toBeInstanceOf(MeterGapError)
          return
        }
        const again = new Map(
          [...baseline.used].reverse().map((each) => [each.startMs, each.energyMwh]),
        )
        const second = computeBaseline(parameters({ readings: again }))
        expect(second).toEqual(baseline)
      },
    ),
    { numRuns: 40 },
  )
})

function parameters(
  given: Partial<ComputeBaselineParameters> & { readings: ComputeBaselineParameters['readings'] },
): ComputeBaselineParameters {
  const rest = { method: caiso10in10, zone, event: monday, stepS: halfHour }
  return { ...rest, excludedDates: none, holidays: none, ...given }
}

function at(stamp: string, lengthS: number) {
  const startMs = localToEpochMs(stamp, zone)
  return { startMs, endMs: startMs + lengthS * 1000 }
}

function fill(from: string, to: string, energyOf: (date: string, hour: number) => number) {
  const readings = new Map<EpochMs, EnergyMwh>()
  let day: LocalDay = localDayNamed(from, zone)
  for (; day.date <= to; day = addDays(day, 1, zone)) {
    for (let ms = day.startMs; ms < day.endMs; ms += halfHour * 1000) {
      const hour = Number(clock.format(ms))
      readings.set(ms, energyMwh(energyOf(day.date, hour)))
    }
  }
  return readings
}

function setWindow(readings: Map<EpochMs, EnergyMwh>, date: string, mwh: number): void {
  for (let ms = localToEpochMs(`${date}T13:00`, zone), index = 0; index < 6; index++) {
    readings.set(ms + index * 1_800_000, energyMwh(mwh))
  }
}
