import { expect, test } from 'vitest'
import { planGroups, termsByMeter } from '../../schemas/deviation/groupPlan.ts'
import { bareDeviation } from '../../schemas/deviation/readDeviation.ts'
import { firstStep, withStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { createGroupSums, partsOfMeter } from './groupRows.ts'

const stepS = 1800
const stepMs = stepS * 1000
const meters = ['a', 'b'].map((name) => {
  return aMeter({ meter: name, group: 'G', intervalS: stepS })
})
const plans = planGroups(meters)

test('the interval that ends at the high-water mark is summed, one that ends later is not', () => {
  const sums = createGroupSums(plans)
  for (const meter of meters) sums.add(meansOf(meter, () => true))
  // 100,000 mWh in half an hour are 200 W; two members.
  expect(sums.finish(2 * stepMs)).toMatchObject([
    { startMs: 0, durationS: stepS, members: 2, loadW: 400 },
    { startMs: stepMs, durationS: stepS, members: 2, loadW: 400 },
  ])
  expect(sums.finish(2 * stepMs - 1)).toHaveLength(1)
})

test('only the requested intervals are summed', () => {
  const sums = createGroupSums(plans)
  sums.add(meansOf(meters[0]!, (startMs) => startMs === stepMs))
  expect(sums.finish(9 * stepMs).map(({ startMs }) => startMs)).toEqual([stepMs])
})

function meansOf(meter: (typeof meters)[number], isWanted: (startMs: number) => boolean) {
  const rows = [0, 1, 2].map((slot) => rowOf(meter, slot))
  const [term] = termsByMeter(plans.values()).get(meter.meter)!
  return partsOfMeter({ meter, term: term!, rows, isWanted })
}

function rowOf({ meter }: (typeof meters)[number], slot: number) {
  const value = { durationS: stepS, energyMwh: 100_000 }
  return bareDeviation({ meter, groups: 'G', startMs: slot * stepMs, ...value })
}

test('an interval that is cut by another offset from midnight on has no sum', () => {
  const dayMs = 86_400_000
  const zone = 'UTC'
  // Half-hours at five past, and from the second day on at the half-hour: 23:35 lasts 25 min.
  const leading = withStep(firstStep(stepS, 300), {
    ...{ fromMs: dayMs, intervalS: stepS, gridOffsetS: 0 },
  })
  const other = aMeter({ meter: 'b', zone, group: 'G', steps: firstStep(stepS, 300) })
  const own = planGroups([aMeter({ meter: 'a', zone, group: 'G', steps: leading }), other])
  const [term] = termsByMeter(own.values()).get(other.meter)!
  const rows = [-1, 0].map((slot) => {
    return { ...rowOf(other, 0), startMs: dayMs + 300_000 + (slot - 1) * stepMs }
  })
  const means = partsOfMeter({ meter: other, term: term!, rows, isWanted: () => true })
  expect([...means.startMs]).toEqual([dayMs + 300_000 - 2 * stepMs])
})
