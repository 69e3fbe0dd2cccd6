import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import { SettledTwiceError } from '../../schemas/errors/settlement.ts'
import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { Address, MeterId } from '../../schemas/ids.ts'
import type { AccountBalance, Settlement } from '../../schemas/settlement.ts'
import { type EnergyMwh, energyMwh, type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import type { Baselines, Metered } from './eventBaselines.ts'
import { orderOfMwhDown } from './priceInterval.ts'
import { settleMember } from './settleMember.ts'
import { meteredTerms, sumMeters } from './sumTerms.ts'

export type SettleEventParameters = {
  readonly event: DrEvent
  readonly revision?: number
  /** As committed before the start; a member without one is neither paid nor charged. */
  readonly baselines: Baselines
  /** Readings of every meter of `metersOf`. */
  readonly metered: Metered
  /** Balances before the event, by account; an account not listed had nothing. */
  readonly balances: ReadonlyMap<Address, AccountBalance>
  /** Sum of nets of earlier revisions, by meter: a revision settles the difference. */
  readonly settledBefore?: ReadonlyMap<MeterId, MoneyMicros>
}

/**
 * The lines of an event, one per participant, sorted by meter id (METHODS §2).
 *
 * An interval without a reading or a baseline is neither delivered nor deficient: nobody is paid
 * or charged for what was not measured; its start is listed in `missing`.
 */
export function settleEvent(parameters: SettleEventParameters): Settlement {
  return settleMembers(parameters).settlement
}

/** The inputs that a line was settled from. */
export type SettledMember = { readonly participant: Participant; readonly metered: MeterReadings }

/** The same, and the participant and readings of each line, in the order of lines. */
export function settleMembers(parameters: SettleEventParameters): {
  readonly settlement: Settlement
  readonly members: readonly SettledMember[]
} {
  const { event, baselines, settledBefore } = parameters
  const balances = new Map(parameters.balances)
  const zero = moneyMicros(0n)
  let payPrefix = zero
  const members = sortParticipants(event).map((participant) => {
    return { participant, metered: sumMeters(meteredTerms(participant), parameters.metered) }
  })
  const lines = members.map(({ participant, metered }, index) => {
    const { meter, account, point } = participant
    const boundary = point?.boundary ?? []
    const member = {
      account,
      index,
      baseline: baselines.get(meter),
      metered,
      ...(boundary.length > 0 ? { boundary: sumMeters(boundary, parameters.metered) } : {}),
      settledBefore: settledBefore?.get(meter) ?? zero,
      before: balances.get(account) ?? { entitled: zero, debt: zero },
      payPrefix,
    }
    const line = settleMember(event, member)
    balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
    payPrefix = line.payPrefix
    return { ...line, meter }
  })
  const settlement = {
    eventId: event.id,
    revision: parameters.revision ?? 1,
    lines,
    delivered: energyMwh(lines.reduce((sum, line) => sum + line.delivered, 0)),
    deficiency: energyMwh(lines.reduce((sum, line) => sum + line.deficiency, 0)),
    pay: payPrefix,
    fee: moneyMicros(lines.reduce((sum, line) => sum + line.fee, 0n)),
  }
  return { settlement, members }
}

/** The order of lines: by meter id as text, so that the root does not depend on input order. */
export function sortParticipants(event: DrEvent): Participant[] {
  const sorted = [...event.participants].sort((left, right) => (left.meter < right.meter ? -1 : 1))
  const isTwice = sorted.some((each, index) => each.meter === sorted[index + 1]?.meter)
  if (isTwice) throw new SettledTwiceError({ event: event.id })
  return sorted
}

/** The whole order to an event's members, whether or not it can be measured later. */
export function orderedMwhOf(event: DrEvent, baselines: Baselines): EnergyMwh {
  const orders = event.participants.flatMap(({ meter }) =>
    (baselines.get(meter)?.intervals ?? []).map((each) =>
      orderOfMwhDown(each.baselineMwh, event.terms.orderPpm),
    ),
  )
  return energyMwh(orders.reduce((sum, each) => sum + each, 0))
}
