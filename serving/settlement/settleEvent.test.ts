import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { moneyMicros } from '../../schemas/units.ts'
import { orderedMwhOf, settleEvent } from './settleEvent.ts'
import { accounts, exampleEvent, exampleInputs, meters } from './testing/exampleEvent.ts'

const micros = (value: bigint) => moneyMicros(value)

test('five members, each its own case', () => {
  const { lines, pay, fee } = settleEvent(exampleInputs())
  // Price 0.672 a kWh delivered, 0.10 a kWh missing; four half-hours.
  expect(lines.map((each) => [each.delivered, each.deficiency, each.net])).toEqual([
    [160_000, 0, 107_520n], //         4 * 40,000 mWh: 0.16 kWh * 0.672
    [82_000, 82_000, 46_904n], //      4 * 20,500 and 20,500: .055104 - .0082
    [0, 336_000, -33_600n], //         4 * (42,000 + 42,000): 0.336 kWh * 0.10
    [129_000, 0, 86_688n], //          3 * 43,000: 0.129 kWh * 0.672; one reading is missing
    [0, 0, 0n], //                     no baseline: neither paid nor charged
  ])
  expect(lines[3]!.missing).toEqual([exampleEvent.startMs])
  expect(lines[4]!.missing).toHaveLength(4)
  // The first account owed 20,000: 107,520 - 20,000.
  expect(lines.map((each) => each.pay)).toEqual([87_520n, 46_904n, 0n, 86_688n, 0n])
  expect(lines.map((each) => each.debtAfter)).toEqual([0n, 0n, 33_600n, 0n, 0n])
  expect(lines[0]!.entitled).toBe(5_087_520n)
  expect(lines.map((each) => each.payPrefix)).toEqual([
    87_520n,
    134_424n,
    134_424n,
    221_112n,
    221_112n,
  ])
  // The fifth meter belongs to the second's account and continues from its entitlement.
  expect(lines[4]!.entitled).toBe(46_904n)
  expect(pay).toBe(221_112n)
  expect(fee).toBe(8_200n + 33_600n)
})

test('the order before the event is a tenth of four baselines', () => {
  // 4 * (40,000 + 41,000 + 42,000 + 43,000)
  expect(orderedMwhOf(exampleEvent, exampleInputs().baselines)).toBe(664_000)
})

test('a debt larger than the net is carried over', () => {
  const debt = { entitled: micros(7n), debt: micros(200_000n) }
  const balances = new Map([[accounts[0]!, debt]])
  const [line] = settleEvent({ ...exampleInputs(), balances }).lines
  expect(line).toMatchObject({ pay: 0n, debtAfter: 92_480n, entitled: 7n })
})

test('a revision settles the difference to what was settled before', () => {
  const inputs = exampleInputs()
  const first = settleEvent(inputs)
  const metered = new Map(inputs.metered)
  metered.set(meters[1]!, inputs.metered.get(meters[0]!)!)
  const second = settleEvent({
    ...inputs,
    metered,
    revision: 2,
    balances: new Map(
      first.lines.map((each) => [each.account, { entitled: each.entitled, debt: each.debtAfter }]),
    ),
    settledBefore: new Map(first.lines.map((each) => [each.meter, each.net])),
  })
  // Corrected, the second meter used 340,000 an interval: its whole order of 4 * 41,000 at 0.672
  // is 110,208, of which 46,904 were settled.
  expect(second.lines.map((each) => each.net)).toEqual([0n, 63_304n, 0n, 0n, 0n])
  expect(second.lines[1]!.entitled).toBe(110_208n)
  // The debt is carried once.
  expect(second.lines[2]).toMatchObject({ pay: 0n, debtAfter: 33_600n })
  expect(second.pay).toBe(63_304n)
})

test('a meter cannot participate twice', () => {
  const participants = [...exampleEvent.participants, exampleEvent.participants[0]!]
  const event = { ...exampleEvent, participants }
  expect(() => settleEvent({ ...exampleInputs(), event })).toThrow(InvalidArgumentError)
})

test('debts and earnings are never lost and never counted twice', () => {
  const amount = fc.bigInt({ min: 0n, max: 500_000n }).map(micros)
  fc.assert(
    fc.property(fc.array(amount, { minLength: 5, maxLength: 5 }), (debts) => {
      const balances = new Map(
        accounts.map((account, index) => [account, { entitled: micros(0n), debt: debts[index]! }]),
      )
      const owedBefore = [...balances.values()].reduce((sum, each) => sum + each.debt, 0n)
      const { lines } = settleEvent({ ...exampleInputs(), balances })
      const last = new Map(lines.map((each) => [each.account, each]))
      const owedAfter = [...last.values()].reduce((sum, each) => sum + each.debtAfter, 0n)
      const paid = lines.reduce((sum, each) => sum + each.pay, 0n)
      const net = lines.reduce((sum, each) => sum + each.net, 0n)
      expect(paid - owedAfter).toBe(net - owedBefore)
      expect([...last.values()].reduce((sum, each) => sum + each.entitled, 0n)).toBe(paid)
    }),
  )
})
