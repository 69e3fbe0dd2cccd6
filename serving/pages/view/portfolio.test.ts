import { expect, test } from 'vitest'
import type { DeviationRow, Forecasts, GroupRow } from '../../shapes/views.ts'
import { describeSum } from './headline.ts'
import {
  fanOf,
  groupsByTrouble,
  latestExceptions,
  portfolioPicture,
  shareAbove,
  shownUntil,
  sumGroups,
} from './portfolio.ts'

const start = (slot: number) => new Date(slot * 1_800_000).toISOString()
const row = (group: string, slot: number, over: Partial<GroupRow> = {}): GroupRow => ({
  group,
  start: start(slot),
  durationS: 1800,
  members: 10,
  loadW: 4000,
  baselineW: 5000,
  deviationW: -1000,
  origin: 'batch',
  ...over,
})

test('groups are added up, and the sum is provisional if any of them is', () => {
  const rows = [row('a', 0), row('b', 0, { loadW: 1000, baselineW: 900, origin: 'speed' })]
  expect(sumGroups(rows).intervals).toEqual([
    {
      startMs: 0,
      endMs: 1_800_000,
      loadW: 5000,
      baselineW: 5900,
      members: 20,
      isProvisional: true,
    },
  ])
})

test('a total of half-hourly and hourly groups is by the hour', () => {
  const hourly = (slot: number) => row('b', slot, { durationS: 3600, loadW: 1000, baselineW: 900 })
  const halves = [row('a', 0), row('a', 1, { loadW: 2000, members: 9 }), row('a', 2)]
  // (4000 + 2000) / 2 + 1000 W. Of the second hour group a has half: it is not yet in the sum.
  expect(sumGroups([...halves, hourly(0), hourly(2)])).toEqual({
    intervals: [
      {
        ...{ startMs: 0, endMs: 3_600_000, loadW: 4000, baselineW: 5900, members: 19 },
        isProvisional: false,
      },
    ],
    members: 19,
    filling: { startMs: 3_600_000, members: 10 },
    leftOut: [],
  })
})

test('sites that are in groups of two kinds are added up once', () => {
  const feeders = [row('feeder:F', 0, { members: 3, loadW: 900 })]
  const portfolio = sumGroups([...feeders, row('a', 0), row('b', 0)])
  expect(portfolio.intervals).toMatchObject([{ loadW: 8000, members: 20 }])
  expect(describeSum(portfolio)).toBe(
    'Mean power of 20 sites in groups of one kind, without whoever is only in a group of feeder,',
  )
  expect(describeSum(sumGroups([row('a', 0)]))).toBe('Mean power of 10 sites')
})

test('a sum has a baseline only if every group has one', () => {
  const rows = [row('a', 0), row('b', 0, { baselineW: null })]
  expect(sumGroups(rows).intervals[0]?.baselineW).toBeNull()
})

test('an interval that meters still report for is not drawn, and is named', () => {
  const { intervals, filling } = sumGroups([row('a', 0), row('a', 1, { members: 8 })])
  expect(intervals.map(({ startMs }) => startMs)).toEqual([0])
  expect(filling).toEqual({ startMs: 1_800_000, members: 8 })
})

const ahead = (slots: readonly number[]): Forecasts => ({
  ...{ meter: null, group: null, from: start(0), to: start(48) },
  intervals: slots.map((slot) => ({
    ...{ start: start(slot), durationS: 1800, forecastMwh: 2_500_000, forecastW: 5000 },
    ...{ members: 25, model: 'm', flag: '' },
  })),
})

test('the fan is once and twice the error, if meters err independently', () => {
  // 20 Wh × √25 = 100 Wh in half an hour are 200 W.
  const [wide, narrow] = fanOf(ahead([2]).intervals, 20)
  expect(wide).toMatchObject({ kind: 'fan2', low: 4600, high: 5400 })
  expect(narrow).toMatchObject({ kind: 'fan1', low: 4800, high: 5200 })
  expect(fanOf(ahead([2]).intervals, null)).toEqual([])
})

test('the fan ends at zero, unless a part of the forecast is fed in', () => {
  const low = (forecastW: number, others: readonly number[] = []) =>
    fanOf(
      [forecastW, ...others].map((watts) => ({ ...ahead([2]).intervals[0]!, forecastW: watts })),
      20,
    )[0]!.low
  expect(low(300)).toBe(0)
  expect(low(-300)).toBe(-700)
  expect(low(300, [-1])).toBe(-100)
})

test('who feeds in less than usual is above its baseline, as a share of its magnitude', () => {
  expect(shareAbove({ loadW: -900, baselineW: -1000 })).toBeCloseTo(0.1)
  expect(shareAbove({ loadW: -1300, baselineW: -1000 })).toBeCloseTo(-0.3)
  expect(shareAbove({ loadW: 900, baselineW: 1000 })).toBeCloseTo(-0.1)
  expect([0, null].map((baselineW) => shareAbove({ loadW: 1, baselineW }))).toEqual([null, null])
})

test('the forecast begins where the load ends, and the order lies below the baseline', () => {
  const deviations = {
    ...{ id: 'e', from: start(0), to: start(9), start: start(1), end: start(2) },
    ...{ adjustment: null, isProvisional: true, orderedMwh: 150_000, deliveredMwh: 50_000 },
    intervals: [
      {
        ...{ start: start(1), durationS: 1800, phase: 'event' as const, members: 5 },
        ...{ loadW: 1, baselineW: 2000, deviationW: 0, orderedW: 300, deliveredW: 100 },
        ...{ orderedMwh: 150_000, deliveredMwh: 50_000 },
        origin: 'speed' as const,
      },
    ],
  }
  const picture = portfolioPicture({
    portfolio: sumGroups([row('a', 0), row('a', 1)]),
    ...{ forecast: ahead([0, 1, 2, 3]), maeWh: null, events: [], deviations },
    ...{ nowMs: 3_600_000, range: { fromMs: 0, toMs: 48 * 1_800_000 } },
  })
  const forecast = picture.lines.find(({ key }) => key === 'forecast')
  expect(forecast?.values).toEqual([null, null, 5000, 5000])
  expect(picture.blocks).toEqual([
    { kind: 'ordered', fromS: 1800, toS: 3600, low: 4700, high: 5000 },
  ])
})

test('no hours are reserved without a forecast', () => {
  const range = { fromMs: 0, toMs: 48 * 1_800_000 }
  const nowMs = 3_600_000
  const until = (forecast: Forecasts | null) => shownUntil({ forecast, nowMs, range }, nowMs)
  expect(until(null)).toBe(range.toMs)
  expect(until(ahead([]))).toBe(nowMs + 7_200_000)
  expect(until(ahead([10]))).toBe(11 * 1_800_000)
})

const exception = (meter: string, slot: number): DeviationRow => ({
  ...{ meter, group: 'b', start: start(slot), durationS: 1800, energyMwh: 1, baselineMwh: 1 },
  ...{ ratio: 1, deviationW: 900, z: 3, rollingWh: 2000, isException: true, origin: 'speed' },
})

test('a group with meters outside their band comes first, then the largest deviation', () => {
  const rows = [row('a', 0), row('b', 0, { loadW: 5000 }), row('c', 0, { loadW: 7000 })]
  const order = groupsByTrouble(rows, [exception('m', 0), exception('m', 1)])
  expect(order.map(({ group }) => group)).toEqual(['b', 'c', 'a'])
  expect(order[0]?.exceptions).toBe(1)
  expect(order.map(({ share }) => share)).toEqual(
    [0, 0.4, -0.2].map((each) => expect.closeTo(each)),
  )
})

test('the newest exception of each meter is shown, newest first', () => {
  const rows = [exception('a', 1), exception('b', 3), exception('a', 2)]
  expect(latestExceptions(rows).map((each) => [each.meter, each.start])).toEqual([
    ['b', start(3)],
    ['a', start(2)],
  ])
})
