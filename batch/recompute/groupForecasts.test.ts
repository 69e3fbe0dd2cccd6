import { expect, test } from 'vitest'
import { termsByMeter } from '../../schemas/deviation/groupPlan.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { createGroupForecasts, forecastPlans, memberForecasts } from './groupForecasts.ts'

const fromMs = Date.UTC(2013, 1, 11)
const minutes = (count: number) => fromMs + count * 60_000
const meters = [
  aMeter({ meter: 'A' }),
  aMeter({ meter: 'B', intervalS: 3600 }),
  aMeter({ meter: 'C', group: 'h' }),
]
const half = { run: 1n, duration_s: 1800, model: 'ridge', flag: '' }
const hour = { ...half, duration_s: 3600, model: 'naive', flag: 'gaps' }
const forecasts = [
  { ...half, meter: 'A', start: minutes(0), forecast_mwh: 500_000 },
  { ...half, meter: 'A', start: minutes(30), forecast_mwh: 500_000 },
  { ...half, meter: 'A', start: minutes(60), forecast_mwh: 500_000 },
  { ...hour, meter: 'B', start: minutes(0), forecast_mwh: 1_000_000 },
  { ...hour, meter: 'B', start: minutes(60), forecast_mwh: 700_000 },
  { ...half, meter: 'C', start: minutes(0), forecast_mwh: 3 },
  { ...half, meter: 'C', start: minutes(30), forecast_mwh: 4 },
]

test('a group of mixed steps is summed by its longest, so are all meters', () => {
  const rows = rowsOf(meters, forecasts)
  const both = { duration_s: 3600, model: 'naive, ridge', flag: 'gaps' }
  const alone = { duration_s: 3600, model: 'naive', flag: 'gaps', members: 1 }
  const shown = (group: string) =>
    rows.filter((row) => row.group_id === group).map(({ group_id: _, run: __, ...row }) => row)
  // 500 + 500 Wh of A and 1000 Wh of B. A has only half of the second hour: it is left out.
  expect(shown('g')).toEqual([
    { ...both, start: minutes(0), members: 2, forecast_mwh: 2_000_000 },
    { ...alone, start: minutes(60), forecast_mwh: 700_000 },
  ])
  expect(shown('h').map((row) => [row.start, row.duration_s, row.forecast_mwh])).toEqual([
    [minutes(0), 1800, 3],
    [minutes(30), 1800, 4],
  ])
  // All meters: C's 3 + 4 mWh are added.
  expect(shown('')).toEqual([
    { ...both, start: minutes(0), members: 3, forecast_mwh: 2_000_007 },
    { ...alone, start: minutes(60), forecast_mwh: 700_000 },
  ])
  expect(new Set(rows.map(({ run }) => run))).toEqual(new Set([7n]))
})

test('intervals are those of the group, at whatever minute they start', () => {
  const late = forecasts.map((row) => ({ ...row, start: row.start + 900_000 }))
  const quarterPast = meters.map((each) => {
    return { ...each, steps: firstStep(each.intervalS, 900) }
  })
  const rows = rowsOf(quarterPast, late)
  expect(rows.find((row) => row.group_id === 'g')).toMatchObject({
    start: minutes(15),
    members: 2,
    forecast_mwh: 2_000_000,
  })
})

function rowsOf(members: typeof meters, all: typeof forecasts) {
  const plans = forecastPlans(members)
  const byMeter = termsByMeter(plans.values())
  const sums = createGroupForecasts(plans)
  for (const meter of members) {
    const rows = all.filter((row) => row.meter === meter.meter)
    const terms = byMeter.get(meter.meter)!
    for (const each of memberForecasts({ meter, terms, rows })) sums.add(each)
  }
  return sums.rows(7n)
}
