import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountBalance, AnonymousLine } from '../../schemas/settlement.ts'
import { type EnergyMwh, energyMwh, type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import { type SettleMemberParameters, settleMember } from './settleMember.ts'
import { accounts, exampleEvent } from './testing/exampleEvent.ts'

const slots = 4
const starts = Array.from({ length: slots }, (_, slot) => exampleEvent.startMs + slot * 1_800_000)
const micros = (value: bigint) => moneyMicros(value)
const sum = <T>(items: readonly T[], of: (item: T) => bigint) =>
  items.reduce((total, item) => total + of(item), 0n)

/** At most 20 kWh; null for an interval without one. */
const energies = fc.array(fc.option(fc.integer({ min: -20_000_000, max: 20_000_000 })), {
  minLength: slots,
  maxLength: slots,
})
const baselines = fc.array(fc.option(fc.integer({ min: 0, max: 20_000_000 })), {
  minLength: slots,
  maxLength: slots,
})
const amounts = fc.bigInt({ min: 0n, max: 2n ** 60n })
const terms = fc.record({
  priceMicrosPerKwh: amounts,
  penaltyMicrosPerKwh: amounts,
  orderPpm: fc.integer({ min: 1, max: 1_000_000 }),
})
const members = fc.record({
  terms,
  metered: energies,
  baseline: baselines,
  entitled: amounts,
  debt: amounts,
  settledBefore: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
  payPrefix: amounts,
})
type Drawn = typeof members extends fc.Arbitrary<infer T> ? T : never

function settle(drawn: Drawn): { line: AnonymousLine; member: SettleMemberParameters } {
  const before: AccountBalance = { entitled: micros(drawn.entitled), debt: micros(drawn.debt) }
  const member: SettleMemberParameters = {
    index: 0,
    account: accounts[0]!,
    before,
    settledBefore: micros(drawn.settledBefore),
    payPrefix: micros(drawn.payPrefix),
    metered: new Map(known(drawn.metered)),
    baseline: {
      intervals: known(drawn.baseline).map(([startMs, baselineMwh]) => ({ startMs, baselineMwh })),
    },
  }
  const event = { ...exampleEvent, terms: { ...exampleEvent.terms, ...drawn.terms } }
  return { line: settleMember(event, member), member }
}

function known(values: readonly (number | null)[]): [number, EnergyMwh][] {
  return values.flatMap((value, slot): [number, EnergyMwh][] =>
    value === null ? [] : [[starts[slot]!, energyMwh(value)]],
  )
}

function forEveryMember(check: (settled: ReturnType<typeof settle>, drawn: Drawn) => void): void {
  fc.assert(fc.property(members, (drawn) => check(settle(drawn), drawn)))
}

test('every interval of the event is settled or missing, and none is both', () => {
  forEveryMember(({ line }, { metered, baseline }) => {
    const settled = line.intervals.map(({ startMs }) => startMs)
    expect([...settled, ...line.missing].sort((a, b) => a - b)).toEqual(starts)
    const isKnown = (slot: number) => metered[slot] !== null && baseline[slot] !== null
    expect(settled).toEqual(starts.filter((_, slot) => isKnown(slot)))
  })
})

test('a line is the sum of its intervals', () => {
  forEveryMember(({ line }) => {
    const { intervals } = line
    expect(line.incentive).toBe(sum(intervals, (each) => each.incentive))
    expect(line.fee).toBe(sum(intervals, (each) => each.fee))
    expect(BigInt(line.delivered)).toBe(sum(intervals, (each) => BigInt(each.delivered)))
    expect(BigInt(line.deficiency)).toBe(sum(intervals, (each) => BigInt(each.deficiency)))
  })
})

test('money is rounded down, by less than a millionth an interval', () => {
  forEveryMember(({ line }, { terms: { priceMicrosPerKwh, penaltyMicrosPerKwh } }) => {
    const isFloor = (money: MoneyMicros, energy: EnergyMwh, price: bigint) => {
      const lost = BigInt(energy) * price - money * 1_000_000n
      return lost >= 0n && lost < 1_000_000n
    }
    for (const each of line.intervals) {
      expect(isFloor(each.incentive, each.delivered, priceMicrosPerKwh)).toBe(true)
      expect(isFloor(each.fee, each.deficiency, penaltyMicrosPerKwh)).toBe(true)
    }
  })
})

test('delivery is capped by the order, and the order by its share of the baseline', () => {
  forEveryMember(({ line }, { terms: { priceMicrosPerKwh, orderPpm } }) => {
    for (const { ordered, baseline, delivered, deficiency, incentive } of line.intervals) {
      expect(BigInt(ordered)).toBe((BigInt(baseline) * BigInt(orderPpm)) / 1_000_000n)
      expect(delivered).toBeGreaterThanOrEqual(0)
      expect(delivered).toBeLessThanOrEqual(ordered)
      expect(delivered === 0 || delivered + deficiency === ordered).toBe(true)
      expect(incentive <= (BigInt(ordered) * priceMicrosPerKwh) / 1_000_000n).toBe(true)
    }
  })
})

test('debts and earnings are paid or carried over, once', () => {
  forEveryMember(({ line, member: { before, payPrefix, settledBefore } }) => {
    expect(line.before).toEqual(before)
    expect(line.net).toBe(line.incentive - line.fee - settledBefore)
    expect(line.pay - line.debtAfter).toBe(line.net - before.debt)
    expect(line.pay === 0n || line.debtAfter === 0n).toBe(true)
    expect(line.pay >= 0n && line.debtAfter >= 0n).toBe(true)
    expect(line.entitled).toBe(before.entitled + line.pay)
    expect(line.payPrefix).toBe(payPrefix + line.pay)
  })
})

test('consuming less never pays less', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 0, max: 1_000_000 }), (drawn, saved) => {
      const metered = drawn.metered.map((each) => (each === null ? null : each - saved))
      expect(settle({ ...drawn, metered }).line.net >= settle(drawn).line.net).toBe(true)
    }),
  )
})
