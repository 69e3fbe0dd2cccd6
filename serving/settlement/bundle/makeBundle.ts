import { NoSettlementLineError } from '../../../schemas/errors/settlement.ts'
import type { MeterId } from '../../../schemas/ids.ts'
import { type ComputeSettlementReturnType, computeSettlement } from '../computeSettlement.ts'
import { figuresOf, type MemberFacts, type PublishedMember } from '../published.ts'
import type { SettlementRecord } from '../settlementRecord.ts'
import type { ProofBundle } from './proofBundle.ts'

export type MakeBundleParameters = {
  readonly record: SettlementRecord
  readonly meter: MeterId
  /** `computeSettlement(record.published)`, to share between many bundles of one record. */
  readonly recomputed?: ComputeSettlementReturnType
}

/**
 * The proof of one member's line. `toJson` writes it, `verifyBundle` checks it.
 *
 * @throws NoSettlementLineError when the meter has no line in the record.
 */
export function makeBundle(parameters: MakeBundleParameters): ProofBundle {
  const { record, meter } = parameters
  const { published, header, period: settlementNumber, chain, state } = record
  const index = record.members.findIndex((each) => each.meter === meter)
  const member = published.members[index]
  if (!member) throw new NoSettlementLineError({ event: published.event.eventId, meter })
  const { computed, trees } = parameters.recomputed ?? computeSettlement(published)
  const { line, detail, words } = computed[index]!
  const [, account, entitled] = words
  const { pseudonymSalt, pointMeters } = record.members[index]!
  return {
    format: 'wattproof-bundle-1',
    event: published.event,
    meter,
    pseudonymSalt,
    ...(pointMeters ? { pointMeters } : {}),
    member: memberFactsOf(member),
    line: { ...figuresOf(line), index, intervals: line.intervals },
    detail,
    leaf: [index, account, entitled, detail],
    proofs: {
      settlement: trees.settlement.proofOf(index),
      inputs: trees.inputs.proofOf(index),
      baselines: trees.baselines.proofOf(index),
      speed: trees.speed.proofOf(index),
    },
    header,
    asOf: published.asOf,
    period: settlementNumber,
    chain,
    state,
    attestations: attestationsOf(record),
  }
}

function memberFactsOf(member: PublishedMember): MemberFacts {
  const { account, salt, before, settledBefore, readings, baseline, speedDeliveredMwh } = member
  const facts = { account, salt, before, settledBefore, readings, baseline, speedDeliveredMwh }
  return member.point ? { ...facts, point: member.point } : facts
}

/** In the order that the anchor requires. */
function attestationsOf({ verdicts }: SettlementRecord): ProofBundle['attestations'] {
  return verdicts
    .flatMap(({ validator, signature, stake }) =>
      signature === null ? [] : [{ validator, signature, stake }],
    )
    .sort((left, right) => (left.validator < right.validator ? -1 : 1))
}
