import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
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
  readonly baseline: SettledBaseline | undefined
  readonly metered: MeterReadings
  /** Readings of the boundary of a point behind it; without a boundary nothing limits it. */
  readonly boundary?: MeterReadings | undefined
  readonly settledBefore: MoneyMicros
  readonly before: AccountBalance
  readonly payPrefix: MoneyMicros
}

type SettledBaseline = Pick<MeterBaseline, 'intervals'> & {
  readonly boundary?: Pick<MeterBaseline, 'intervals'> | undefined
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
 * Order, delivery and price of each interval of a member; those without a reading or a baseline,
 * its own or its boundary's, are missing.
 */
export function priceIntervals(
  event: SettledEvent,
  member: Pick<SettleMemberParameters, 'baseline' | 'metered' | 'boundary'>,
) {
  const { orderPpm, priceMicrosPerKwh, penaltyMicrosPerKwh } = event.terms
  const baselineAt = baselinesByStart(member.baseline)
  const reductionAt = reductionsOf(member)
  const intervals: SettledInterval[] = []
  const missing: EpochMs[] = []
  for (const startMs of intervalStarts(event, event.intervalS)) {
    const baseline = baselineAt.get(startMs)
    const metered = member.metered.get(startMs)
    const deliveredMax = reductionAt?.(startMs)
    if (baseline === undefined || metered === undefined || deliveredMax === null) {
      missing.push(startMs)
      continue
    }
    const ordered = orderOfMwhDown(baseline, orderPpm)
    const order = { baseline, metered, ordered }
    const prices = { priceMicrosPerKwh, penaltyMicrosPerKwh }
    const limit = deliveredMax === undefined ? {} : { deliveredMax }
    const settled = priceInterval({ ...order, ...prices, ...limit })
    intervals.push({ startMs, durationS: event.intervalS, ...order, ...settled })
  }
  return { intervals, missing }
}

/** What a boundary is reduced by, negative for a rise; null where it is not known. */
function reductionsOf({
  baseline,
  boundary,
}: Pick<SettleMemberParameters, 'baseline' | 'boundary'>) {
  if (!boundary) return null
  const baselineAt = baselinesByStart(baseline?.boundary)
  return (startMs: EpochMs): EnergyMwh | null => {
    const [usual, metered] = [baselineAt.get(startMs), boundary.get(startMs)]
    return usual === undefined || metered === undefined ? null : energyMwh(usual - metered)
  }
}

function baselinesByStart(baseline: Pick<MeterBaseline, 'intervals'> | undefined) {
  return new Map(baseline?.intervals.map((each) => [each.startMs, each.baselineMwh]))
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
