import type { ComputeBaselineReturnType } from '../../schemas/baseline/computeBaseline.ts'
import { invariant, validateArgument } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, Participant, Terms } from '../../schemas/event.ts'
import type { Address, MeterId } from '../../schemas/ids.ts'
import type {
  AccountBalance,
  AnonymousLine,
  SettledInterval,
  Settlement,
} from '../../schemas/settlement.ts'
import { type EpochMs, intervalStarts } from '../../schemas/time.ts'
import { type EnergyMwh, energyMwh, type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import { orderOfMwhDown, settleInterval } from './settleInterval.ts'

export type MeterBaseline = ComputeBaselineReturnType
export type Baselines = ReadonlyMap<MeterId, MeterBaseline>
export type Metered = ReadonlyMap<MeterId, ReadonlyMap<EpochMs, EnergyMwh>>

export type SettleEventParameters = {
  readonly event: DrEvent
  readonly revision?: number
  /** As committed before the start; a member without one is settled at nothing. */
  readonly baselines: Baselines
  readonly metered: Metered
  /** What stood before the event, by account; an account not listed had nothing. */
  readonly balances: ReadonlyMap<Address, AccountBalance>
  /** Sum of nets of earlier revisions, by meter: a revision settles the difference. */
  readonly settledBefore?: ReadonlyMap<MeterId, MoneyMicros>
}

/**
 * The lines of an event, one a participant, sorted by meter id (METHODS §2).
 *
 * An interval without a reading or a baseline is neither delivered nor deficient: nobody is paid
 * or charged for what was not measured; its start is listed in `missing`.
 */
export function settleEvent(parameters: SettleEventParameters): Settlement {
  const { event, baselines, metered, settledBefore } = parameters
  const balances = new Map(parameters.balances)
  const zero = moneyMicros(0n)
  let payPrefix = zero
  const lines = sortParticipants(event).map((participant, index) => {
    const { meter, account } = participant
    const member = {
      account,
      index,
      baseline: baselines.get(meter),
      metered: metered.get(meter) ?? new Map<EpochMs, EnergyMwh>(),
      settledBefore: settledBefore?.get(meter) ?? zero,
      before: balances.get(account) ?? { entitled: zero, debt: zero },
      payPrefix,
    }
    const line = settleMember(event, member)
    balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
    payPrefix = line.payPrefix
    return { ...line, meter }
  })
  const fee = lines.reduce((sum, line) => sum + line.fee, 0n)
  const revision = parameters.revision ?? 1
  return { eventId: event.id, revision, lines, pay: payPrefix, fee: moneyMicros(fee) }
}

/** The order of lines: by meter id, as text, so that any order of arrival gives one root. */
export function sortParticipants(event: DrEvent): Participant[] {
  const sorted = [...event.participants].sort((left, right) => (left.meter < right.meter ? -1 : 1))
  const isTwice = sorted.some((each, index) => each.meter === sorted[index + 1]?.meter)
  validateArgument(!isTwice, `A meter takes part twice in ${event.id}.`)
  return sorted
}

/** All that was ordered of an event's members, whether or not it can be measured later. */
export function orderedMwhOf(event: DrEvent, baselines: Baselines): EnergyMwh {
  const orders = event.participants.flatMap(({ meter }) =>
    (baselines.get(meter)?.intervals ?? []).map((each) =>
      orderOfMwhDown(each.baselineMwh, event.terms.orderPpm),
    ),
  )
  return energyMwh(orders.reduce((sum, each) => sum + each, 0))
}

export type SettleMemberParameters = {
  readonly index: number
  readonly account: Address
  readonly baseline: { readonly intervals: MeterBaseline['intervals'] } | undefined
  readonly metered: ReadonlyMap<EpochMs, EnergyMwh>
  readonly settledBefore: MoneyMicros
  readonly before: AccountBalance
  readonly payPrefix: MoneyMicros
}

/** What a line depends on of an event; a published period and a bundle say no more. */
export type SettledEvent = Pick<DrEvent, 'startMs' | 'endMs' | 'intervalS'> & {
  readonly terms: Terms
}

/** One member's line. Older fees are netted off first; an entitlement never falls. */
export function settleMember(event: SettledEvent, member: SettleMemberParameters): AnonymousLine {
  const { index, account, before, settledBefore } = member
  const { intervals, missing } = settleIntervals(event, member)
  const incentive = intervals.reduce((sum, each) => sum + each.incentive, 0n)
  const fee = intervals.reduce((sum, each) => sum + each.fee, 0n)
  const net = incentive - fee - settledBefore
  const pay = max(0n, net - before.debt)
  const debtAfter = max(0n, before.debt - net)
  invariant(pay === 0n || debtAfter === 0n, 'Who is paid owes nothing.')
  return {
    index,
    account,
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

function settleIntervals(event: SettledEvent, member: SettleMemberParameters) {
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
    const settled = settleInterval({ ...order, priceMicrosPerKwh, penaltyMicrosPerKwh })
    intervals.push({ startMs, durationS: event.intervalS, ...order, ...settled })
  }
  return { intervals, missing }
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
