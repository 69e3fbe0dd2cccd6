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

test('the own method alone, when there are no controls', () => {
  const [own, ...rest] = verifyEvent({ ...inputs, settlement, readings: readingsWith([]) })
  expect(rest).toEqual([])
  expect(own).toEqual({
    method: 'caiso-10-in-10',
    // All but one interval of the fourth home: 664,000 - 43,000.
    orderedMwh: 621_000,
    deliveredMwh: 160_000 + 82_000 + 129_000,
    deficiencyMwh: 82_000 + 336_000,
    // Homes that never changed before the event: the method has no error on them.
    placeboRrmse: 0,
    placeboBias: 0,
  })
})

test('neighbours who used a tenth less themselves leave less to be paid for', () => {
  // Counted: the first three homes (the fourth misses a reading, the fifth has no history).
  // Reference 400 + 410 + 420 = 1,230 a slot against two controls of 400 + 410 = 810, in Wh.
  // On the day the controls use 729: baseline 729 * 1230 / 810 = 1,107 a slot.
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

test('controls nobody has readings of say nothing', () => {
  const event = { ...exampleEvent, controls }
  const verified = verifyEvent({ ...inputs, event, settlement, readings: readingsWith([]) })
  expect(verified.map((each) => each.method)).toEqual(['caiso-10-in-10'])
})

/** Histories and event readings of the example, and controls that used so much on the day. */
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
