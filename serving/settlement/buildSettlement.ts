import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { Address, Hex32, MeterId } from '../../schemas/ids.ts'
import { eventSalt, meterPseudonym, pseudonymSalt } from '../../schemas/leaf.ts'
import type { AccountBalance, Header, SettledAsOf, Settlement } from '../../schemas/settlement.ts'
import type { MoneyMicros } from '../../schemas/units.ts'
import { type Baselines, emptyBaseline, type Metered } from './eventBaselines.ts'
import type { HashMemberReturnType } from './hashMember.ts'
import { hashSettlement } from './hashSettlement.ts'
import { listReadings, pointFactsOf } from './pointFacts.ts'
import { factsOf, figuresOf, type MemberFacts, type PublishedSettlement } from './published.ts'
import { recomputeSettlement } from './recomputeSettlement.ts'
import { type SettledMember, settleMembers } from './settleEvent.ts'
import type { SettlementRecord } from './settlementRecord.ts'

export type BuildSettlementParameters = {
  readonly event: DrEvent
  /** 1 for the first settlement of an event. */
  readonly revision: number
  /** Secret of this event only: `deriveSecret(master, event.id)`. */
  readonly eventSecret: Uint8Array
  /** Exactly those committed before the start. */
  readonly baselines: Baselines
  readonly metered: Metered
  /** What the speed layer showed as delivered when the event ended, mWh. */
  readonly speedFigures: ReadonlyMap<MeterId, number | null>
  readonly balances: ReadonlyMap<Address, AccountBalance>
  /** The places of the log at which `baselines` and `metered` were read. */
  readonly asOf: SettledAsOf
  /** Sum of nets of earlier revisions, by meter. */
  readonly settledBefore?: ReadonlyMap<MeterId, MoneyMicros>
}

export type BuildSettlementReturnType = {
  readonly settlement: Settlement
  readonly header: Header
  readonly published: PublishedSettlement
  /** One per line, in the order of lines, as are the following. */
  readonly details: readonly Hex32[]
  readonly leaves: readonly HashMemberReturnType['words'][]
  readonly proofs: readonly (readonly Hex32[])[]
  /** The meter of each line: stored by the operator, never published. */
  readonly members: SettlementRecord['members']
}

/**
 * A complete settlement, ready to be proposed, and recomputed once as a validator does.
 *
 * The same inputs give the same header, whatever the order of participants, readings and maps.
 */
export function buildSettlement(parameters: BuildSettlementParameters): BuildSettlementReturnType {
  const { event, eventSecret } = parameters
  const { settlement, members } = settleMembers(parameters)
  const { lines } = settlement
  const facts = factsOf(event, parameters.revision)
  const inputs = listInputs(parameters, settlement, members)
  const { computed, trees, header } = hashSettlement({ event: facts, members: inputs, lines })
  const published: PublishedSettlement = {
    format: 'wattproof-period-1',
    event: facts,
    members: computed.map(({ line, detail }, index) => {
      return { ...inputs[index]!, line: figuresOf(line), detail }
    }),
    header,
    asOf: parameters.asOf,
  }
  // Computed twice on purpose: a settlement that validators would refuse is never proposed.
  const verdict = recomputeSettlement(published, header)
  invariant(verdict.ok, verdict.ok ? '' : `A validator would refuse this: ${verdict.sentence}`)
  return {
    settlement,
    header,
    published,
    details: computed.map((each) => each.detail),
    leaves: computed.map((each) => each.words),
    proofs: computed.map((_, index) => trees.settlement.proofOf(index)),
    members: members.map(({ participant }) => nameMember(eventSecret, participant)),
  }
}

/** The participant of a line, and how its pseudonyms are made. */
function nameMember(
  eventSecret: Uint8Array,
  { meter, point }: Participant,
): SettlementRecord['members'][number] {
  const named = (each: MeterId) => ({
    meter: each,
    pseudonymSalt: pseudonymSalt(eventSecret, each),
  })
  if (!point) return named(meter)
  const pointMeters = [...point.terms, ...point.boundary].map((term) => named(term.meter))
  return { ...named(meter), pointMeters }
}

type MemberInputs = MemberFacts & { readonly pseudonym: Hex32 }

/** The inputs of each line, in the order of lines. */
function listInputs(
  parameters: BuildSettlementParameters,
  settlement: Settlement,
  members: readonly SettledMember[],
): MemberInputs[] {
  const { event, eventSecret, baselines, speedFigures } = parameters
  return settlement.lines.map(({ meter, account, before, settledBefore }, index) => {
    const { participant, metered } = members[index]!
    const readings = listReadings(event, metered)
    const point = pointFactsOf(parameters, participant)
    return {
      pseudonym: meterPseudonym(pseudonymSalt(eventSecret, meter), meter),
      salt: eventSalt(eventSecret, meter),
      account,
      before,
      settledBefore,
      readings,
      baseline: baselines.get(meter) ?? emptyBaseline,
      ...(point ? { point } : {}),
      speedDeliveredMwh: speedFigures.get(meter) ?? null,
    }
  })
}
