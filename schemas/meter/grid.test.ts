import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, localDayNamed, localDayOf, localToEpochMs } from '../time.ts'
import { type Grid, gridOfDay, intervalAt, isOnGrid, slotOf, wholeStarts } from './grid.ts'
import { firstStep, stepAt, withStep } from './step.ts'

const hourMs = 3_600_000

/** Days on which the clock changes, by half an hour and by one, at midnight and elsewhere. */
const changes: readonly (readonly [string, readonly string[]])[] = [
  ['Europe/London', ['2013-03-31', '2013-10-27']],
  ['Asia/Kolkata', ['2026-05-01']],
  ['Australia/Adelaide', ['2026-04-05', '2026-10-04']],
  ['Australia/Lord_Howe', ['2026-04-05', '2026-10-04']],
  ['America/Sao_Paulo', ['2017-10-15', '2018-02-17', '2018-02-18']],
  ['Asia/Tehran', ['2022-03-22', '2022-09-21', '2022-09-22']],
  ['America/St_Johns', ['2010-11-06', '2010-11-07', '2010-03-14']],
  ['Asia/Pyongyang', ['2015-08-14', '2015-08-15', '2018-05-04']],
  ['Pacific/Apia', ['2011-12-29', '2011-12-31']],
  ['America/Havana', ['2026-11-01']],
  ['Antarctica/Casey', ['2020-10-04', '2021-03-14']],
  ['Asia/Kathmandu', ['1985-12-31', '1986-01-01']],
]
const zoneAndDate = fc
  .constantFrom(...changes)
  .chain(([zone, dates]) => fc.record({ zone: fc.constant(zone), date: fc.constantFrom(...dates) }))
const intervalS = fc.constantFrom(1, 60, 300, 900, 1_020, 1_800, 3_600, 7_200, 21_600, 86_400)
const step = fc
  .record({ intervalS, part: fc.constantFrom(0, 0.25, 0.5, 0.8) })
  .map((each) => ({ intervalS: each.intervalS, gridOffsetS: offsetOf(each) }))

test('every instant is in one interval, and those of a day follow from its midnight on', () => {
  const drawn = fc.record({
    ...{ at: zoneAndDate, before: step, after: step, daysFrom: fc.integer({ min: -2, max: 2 }) },
    places: fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 1, maxLength: 20 }),
  })
  fc.assert(
    fc.property(drawn, ({ at: { zone, date }, before, after, daysFrom, places }) => {
      const day = localDayNamed(date, zone)
      const fromMs = addDays(day, daysFrom, zone).startMs
      const steps = withStep([{ fromMs: 0, ...before }], { fromMs, ...after })
      const grid = { zone, steps }
      const own = gridOfDay(steps, day)
      const next = gridOfDay(steps, localDayOf(day.endMs, zone))
      expect(own.endMs).toBe(next.firstMs)
      expect(own.firstMs).toBeGreaterThanOrEqual(day.startMs)
      expect(own.firstMs + (own.slots - 1) * own.stepS * 1000).toBeLessThan(day.endMs)
      expect(own.stepS).toBe(stepAt(steps, day.startMs).intervalS)
      for (const place of places) {
        const ms = Math.floor(day.startMs + place * (day.endMs - day.startMs))
        const { startMs, endMs } = intervalAt(grid, ms)
        expect(startMs).toBeLessThanOrEqual(ms)
        expect(endMs).toBeGreaterThan(ms)
        // Its ends are of the same interval and of its neighbours.
        expect(intervalAt(grid, startMs)).toEqual({ startMs, endMs })
        expect(intervalAt(grid, endMs - 1)).toEqual({ startMs, endMs })
        expect(intervalAt(grid, endMs).startMs).toBe(endMs)
        expect(intervalAt(grid, startMs - 1).endMs).toBe(startMs)
        expect(isOnGrid(grid, startMs, (endMs - startMs) / 1000)).toBe(true)
        const starting = gridOfDay(steps, localDayOf(startMs, zone))
        expect(slotOf(starting, startMs)).toBeGreaterThanOrEqual(0)
        const isWhole = endMs - startMs === starting.stepS * 1000
        expect(wholeStarts(starting).includes(startMs)).toBe(isWhole)
      }
    }),
    { numRuns: 150 },
  )
})

test('hours in zones of half an hour start at local hours', () => {
  const grid = { zone: 'Asia/Kolkata', steps: firstStep(3_600) }
  const startMs = localToEpochMs('2026-05-01T13:00', grid.zone)
  expect(startMs % hourMs).toBe(hourMs / 2)
  expect(isOnGrid(grid, startMs, 3_600)).toBe(true)
  expect(isOnGrid(grid, startMs + hourMs / 2, 3_600)).toBe(false)
  expect(isOnGrid(grid, startMs, 1_800)).toBe(false)
  const next = { startMs: startMs + hourMs, endMs: startMs + 2 * hourMs }
  expect(intervalAt(grid, startMs + 1.5 * hourMs)).toEqual(next)
})

test.each([
  // [zone, date, interval, slots of the day, length of the last in hours]
  ['Europe/London', '2013-03-31', 1_800, 46, 0.5],
  ['Europe/London', '2013-10-27', 1_800, 50, 0.5],
  ['Europe/London', '2013-03-31', 86_400, 1, 23],
  ['Europe/London', '2013-10-27', 86_400, 1, 25],
  // 24.5 h and 23.5 h.
  ['Australia/Lord_Howe', '2026-04-05', 3_600, 24, 1.5],
  ['Australia/Lord_Howe', '2026-10-04', 3_600, 23, 1.5],
  ['Australia/Lord_Howe', '2026-10-04', 1_800, 47, 0.5],
  // No midnight: the day starts at 01:00.
  ['America/Sao_Paulo', '2017-10-15', 3_600, 23, 1],
  // 1,020 s is no part of a day: 84 × 1,020 s and 720 s over.
  ['UTC', '2026-01-01', 1_020, 84, (1_020 + 720) / 3_600],
])('%s, %s, %d s: %d slots, the last of %d h', (zone, date, stepS, slots, hours) => {
  const grid: Grid = { zone, steps: firstStep(stepS) }
  const own = gridOfDay(grid.steps, localDayNamed(date, zone))
  expect(own.slots).toBe(slots)
  const { startMs, endMs } = intervalAt(grid, own.endMs - 1)
  expect((endMs - startMs) / hourMs).toBeCloseTo(hours, 9)
})

test('a day that begins twice or is not there has its intervals once', () => {
  // On 2010-11-07 at 00:01 the clock of St John's went back to 23:01 of the sixth.
  const zone = 'America/St_Johns'
  const twice = localToEpochMs('2010-11-06T23:30', zone)
  for (const ms of [twice, twice + hourMs]) {
    const day = localDayOf(ms, zone)
    expect(day.startMs <= ms && ms < day.endMs).toBe(true)
  }
})

function offsetOf(each: { readonly intervalS: number; readonly part: number }): number {
  return Math.min(Math.floor(each.intervalS * each.part), 72_000)
}
