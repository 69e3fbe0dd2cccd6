import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, Terms } from '../../schemas/event.ts'
import type { Address } from '../../schemas/ids.ts'
import type { AccountBalance, AnonymousLine, SettledInterval } from '../../schemas/settlement.ts'
import { type EpochMs, intervalStarts } from '../../schemas/time.ts'
import { type EnergyMwh, energyMwh, type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import type { MeterBaseline } from './eventBaselines.ts'
import { orderOfMwhDown, priceInterval } from './priceInterval.ts'

export type SettleMemberParameters = {
  readonly index: number
  readonly account: Address
  readonly baseline: { readonly intervals: MeterBaseline['intervals'] } | undefined
  readonly metered: ReadonlyMap<EpochMs, EnergyMwh>
  readonly settledBefore: MoneyMicros
  readonly before: AccountBalance
  readonly payPrefix: MoneyMicros
}

/** The fields of an event that a line depends on, as published settlements and bundles have. */
export type SettledEvent = Pick<DrEvent, 'startMs' | 'endMs' | 'intervalS'> & {
  readonly terms: Terms
}

/** One member's line. Earlier debt is netted off first; an entitlement never falls. */
export function settleMember(event: SettledEvent, member: SettleMemberParameters): AnonymousLine {
  const { index, account, before, settledBefore } = member
  const { intervals, missing } = priceIntervals(event, member)
  const incentive = intervals.reduce((sum, each) => sum + each.incentive, 0n)
  const fee = intervals.reduce((sum, each) => sum + each.fee, 0n)
  const net = incentive - fee - settledBefore
  const pay = max(0n, net - before.debt)
  const debtAfter = max(0n, before.debt - net)
  invariant(pay === 0n || debtAfter === 0n, 'Who is paid owes nothing.')
  return {
    index,
    account,
    before,
    intervals,
    missing,
    delivered: energyMwh(intervals.reduce((sum, each) => sum + each.delivered, 0)),
    deficiency: energyMwh(intervals.reduce((sum, each) => sum + each.deficiency, 0)),
    incentive: moneyMicros(incentive),
    fee: moneyMicros(fee),
    settledBefore,
    net: moneyMicros(net),
    pay: moneyMicros(pay),
    debtAfter: moneyMicros(debtAfter),
    entitled: moneyMicros(before.entitled + pay),
    payPrefix: moneyMicros(member.payPrefix + pay),
  }
}

/**
 * Order, delivery and price of each interval of a member; those without a reading or a baseline are
 * missing.
 */
export function priceIntervals(
  event: SettledEvent,
  member: Pick<SettleMemberParameters, 'baseline' | 'metered'>,
) {
  const { orderPpm, priceMicrosPerKwh, penaltyMicrosPerKwh } = event.terms
  const baselineAt = new Map(
    member.baseline?.intervals.map((each) => [each.startMs, each.baselineMwh]),
  )
  const intervals: SettledInterval[] = []
  const missing: EpochMs[] = []
  for (const startMs of intervalStarts(event, event.intervalS)) {
    const baseline = baselineAt.get(startMs)
    const metered = member.metered.get(startMs)
    if (baseline === undefined || metered === undefined) {
      missing.push(startMs)
      continue
    }
    const ordered = orderOfMwhDown(baseline, orderPpm)
    const order = { baseline, metered, ordered }
    const settled = priceInterval({ ...order, priceMicrosPerKwh, penaltyMicrosPerKwh })
    intervals.push({ startMs, durationS: event.intervalS, ...order, ...settled })
  }
  return { intervals, missing }
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
