import { expect, test } from 'vitest'
import { energyMwh } from '../../schemas/units.ts'
import { baselineRange, computeEventBaseline, computeEventBaselines } from './eventBaselines.ts'
import { exampleEvent, exampleHistory, exampleInputs, meters } from './testing/exampleEvent.ts'

const histories = new Map(meters.slice(0, 4).map((meter, index) => [meter, exampleHistory(index)]))

test('members with a history have a baseline, the others are listed', () => {
  const { baselines, without } = computeEventBaselines(exampleEvent, histories)
  expect(baselines).toEqual(exampleInputs().baselines)
  expect(without).toEqual([meters[4]])
})

test('readings outside the range change nothing', () => {
  const { startMs, endMs } = baselineRange(exampleEvent)
  const within = exampleHistory(0)
  const outside = [-2, -1].flatMap((day) => [
    [startMs + day * 86_400_000, energyMwh(9_000_000)] as const,
    [endMs - (day + 1) * 86_400_000, energyMwh(9_000_000)] as const,
  ])
  const all = new Map([...within, ...outside])
  expect(all.size).toBe(within.size + 4)
  expect(computeEventBaseline(exampleEvent, all)).toEqual(
    computeEventBaseline(exampleEvent, within),
  )
})

test('the readings listed as used give the same baseline again', () => {
  for (const baseline of exampleInputs().baselines.values()) {
    const used = new Map(baseline.used.map(({ startMs, energyMwh }) => [startMs, energyMwh]))
    expect(used.size).toBe(baseline.used.length)
    expect(computeEventBaseline(exampleEvent, used)).toEqual(baseline)
  }
})

test('a meter without readings has none', () => {
  expect(computeEventBaseline(exampleEvent, new Map())).toBe(null)
})
