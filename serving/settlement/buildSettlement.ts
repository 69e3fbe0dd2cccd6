import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { Address, Hex32, MeterId } from '../../schemas/ids.ts'
import { eventSalt, meterPseudonym, pseudonymSalt } from '../../schemas/leaf.ts'
import type { AccountBalance, Header, Settlement } from '../../schemas/settlement.ts'
import { intervalStarts } from '../../schemas/time.ts'
import { type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import { type ComputeMemberReturnType, emptyBaseline, figuresOf } from './computeMember.ts'
import { computePeriod } from './computeSettlement.ts'
import type { EventFacts, MemberFacts, PublishedPeriod } from './published.ts'
import { recomputePeriod } from './recomputeSettlement.ts'
import { type Baselines, type Metered, settleEvent } from './settleEvent.ts'

export type BuildPeriodParameters = {
  readonly event: DrEvent
  /** 1 for the first settlement of an event. */
  readonly revision: number
  /** Secret of this event alone: `deriveSecret(master, event.id)`. */
  readonly eventSecret: Uint8Array
  /** Exactly what was committed before the start. */
  readonly baselines: Baselines
  readonly metered: Metered
  /** What the speed layer showed as delivered when the event ended, mWh. */
  readonly speedFigures: ReadonlyMap<MeterId, number | null>
  readonly balances: ReadonlyMap<Address, AccountBalance>
  /** Sum of nets of earlier revisions, by meter. */
  readonly settledBefore?: ReadonlyMap<MeterId, MoneyMicros>
}

export type BuildPeriodReturnType = {
  readonly settlement: Settlement
  readonly header: Header
  readonly published: PublishedPeriod
  /** One a line, in the order of lines; so are the rest. */
  readonly details: readonly Hex32[]
  readonly leaves: readonly ComputeMemberReturnType['words'][]
  readonly proofs: readonly (readonly Hex32[])[]
  /** Whose line it is: the operator keeps it, validators never see it. */
  readonly members: readonly { readonly meter: MeterId; readonly pseudonymSalt: Hex32 }[]
}

/**
 * A whole settlement, ready to be proposed: recomputed once as a validator would, before it leaves.
 *
 * The same inputs give the same header, whatever the order of participants, readings and maps.
 */
export function buildPeriod(parameters: BuildPeriodParameters): BuildPeriodReturnType {
  const { event, eventSecret } = parameters
  const settlement = settleEvent(parameters)
  const facts = factsOf(event, parameters.revision)
  const drafts = draftMembers(parameters, settlement)
  const { computed, trees, header } = computePeriod({ event: facts, members: drafts })
  const published: PublishedPeriod = {
    format: 'wattproof-period-1',
    event: facts,
    members: drafts.map((draft, index) => {
      const { line, detail } = computed[index]!
      return { ...draft, line: figuresOf(line), detail }
    }),
    header,
  }
  invariant(header.totalPay === settlement.pay, 'The header pays what the lines add up to.')
  const verdict = recomputePeriod(published, header)
  invariant(verdict.ok, verdict.ok ? '' : `A validator would refuse this: ${verdict.refusal}`)
  return {
    settlement,
    header,
    published,
    details: computed.map((each) => each.detail),
    leaves: computed.map((each) => each.words),
    proofs: computed.map((_, index) => trees.settlement.proofOf(index)),
    members: settlement.lines.map(({ meter }) => ({
      meter,
      pseudonymSalt: pseudonymSalt(eventSecret, meter),
    })),
  }
}

/** What of an event is published. */
export function factsOf(event: DrEvent, revision: number): EventFacts {
  const { id: eventId, terms, zone, startMs, endMs, intervalS } = event
  return {
    eventId,
    revision,
    terms,
    zone,
    startMs,
    endMs,
    intervalS,
    excludedDates: [...event.excludedDates].sort(),
    holidays: [...event.holidays].sort(),
  }
}

type DraftMember = MemberFacts & { readonly pseudonym: Hex32 }

function draftMembers(parameters: BuildPeriodParameters, settlement: Settlement): DraftMember[] {
  const { event, eventSecret, baselines, metered, speedFigures } = parameters
  const starts = intervalStarts(event, event.intervalS)
  return settlement.lines.map((line): DraftMember => {
    const { meter, account, settledBefore } = line
    const energies = metered.get(meter)
    const readings = starts.flatMap((startMs) => {
      const energy = energies?.get(startMs)
      if (energy === undefined) return []
      return [{ startMs, durationS: event.intervalS, energyMwh: energy }]
    })
    return {
      pseudonym: meterPseudonym(pseudonymSalt(eventSecret, meter), meter),
      salt: eventSalt(eventSecret, meter),
      account,
      before: {
        entitled: moneyMicros(line.entitled - line.pay),
        // From pay - debtAfter = net - debt.
        debt: moneyMicros(line.debtAfter - line.pay + line.net),
      },
      settledBefore,
      readings,
      baseline: baselines.get(meter) ?? emptyBaseline,
      speedDeliveredMwh: speedFigures.get(meter) ?? null,
    }
  })
}
