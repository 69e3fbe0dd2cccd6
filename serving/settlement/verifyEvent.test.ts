import { expect, test } from 'vitest'
import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import { type MeterId, meterId } from '../../schemas/ids.ts'
import { energyMwh } from '../../schemas/units.ts'
import { settleEvent } from './settleEvent.ts'
import { exampleEvent, exampleHistory, exampleInputs, meters } from './testing/exampleEvent.ts'
import { verifyEvent } from './verifyEvent.ts'

const inputs = exampleInputs()
const settlement = settleEvent(inputs)
const controls = [meterId('MAC000101'), meterId('MAC000102')]

test('only the method of the terms when there are no controls', () => {
  const [own, ...rest] = verifyEvent({ ...inputs, settlement, readings: readingsWith([]) })
  expect(rest).toEqual([])
  expect(own).toEqual({
    method: 'caiso-10-in-10',
    // All but one interval of the fourth meter: 664,000 - 43,000.
    orderedMwh: 621_000,
    deliveredMwh: 160_000 + 82_000 + 129_000,
    deficiencyMwh: 82_000 + 336_000,
    // Constant use before the event: the method has no error.
    placeboRrmse: 0,
    placeboBias: 0,
  })
})

test('a control group that used a tenth less itself reduces the delivered energy', () => {
  // Counted: the first three meters (the fourth misses a reading, the fifth has no history).
  // Reference 400 + 410 + 420 = 1,230 an interval, two controls of 400 + 410 = 810, in Wh.
  // On the day the controls use 729: baseline 729 * 1230 / 810 = 1,107 an interval.
  // Metered: 340 + 389.5 + 462 = 1,191.5; ordered 123: nothing delivered, 1191.5 - 984 short.
  const readings = readingsWith([360_000, 369_000])
  const event = { ...exampleEvent, controls }
  const [, control] = verifyEvent({ ...inputs, event, settlement, readings })
  expect(control).toEqual({
    method: 'control-group',
    orderedMwh: 4 * 123_000,
    deliveredMwh: 0,
    deficiencyMwh: 4 * 207_500,
    placeboRrmse: 0,
    placeboBias: 0,
  })
})

test('controls without readings give no verification', () => {
  const event = { ...exampleEvent, controls }
  const verified = verifyEvent({ ...inputs, event, settlement, readings: readingsWith([]) })
  expect(verified.map((each) => each.method)).toEqual(['caiso-10-in-10'])
})

/** Histories and event readings of the example; controls use `onTheDay`, mWh an interval. */
function readingsWith(onTheDay: readonly number[]): ReadonlyMap<MeterId, MeterReadings> {
  const participants = meters.map((meter, index): [MeterId, MeterReadings] => {
    const history = index < 4 ? exampleHistory(index) : new Map()
    return [meter, new Map([...history, ...inputs.metered.get(meter)!])]
  })
  const others = onTheDay.map((mwh, index): [MeterId, MeterReadings] => {
    const event = [0, 1, 2, 3].map((slot) => exampleEvent.startMs + slot * 1_800_000)
    const used = event.map((ms) => [ms, energyMwh(mwh)] as const)
    return [controls[index]!, new Map([...exampleHistory(index), ...used])]
  })
  return new Map([...participants, ...others])
}
