import type { DrEvent, Participant } from '../../schemas/event.ts'
import { buildMemberTree, type MemberTree } from './buildMemberTree.ts'
import { type Baselines, emptyBaseline } from './eventBaselines.ts'
import { committedContent, hashEvent } from './hashMember.ts'
import { pointDefinitionOf } from './pointFacts.ts'
import { factsOf } from './published.ts'

export type BuildBaselineCommitmentParameters = {
  readonly event: DrEvent
  readonly eventSecret: Uint8Array
  readonly baselines: Baselines
}

/**
 * What is committed on chain before an event starts: each member's baseline with the readings it
 * was computed from, the account to pay, and the terms, zone, times and dates it depends on.
 */
export function buildBaselineCommitment(parameters: BuildBaselineCommitmentParameters): MemberTree {
  const { event, baselines } = parameters
  // All revisions have the same conditions, and so the same root.
  const { conditions } = hashEvent(factsOf(event, 1))
  const contentOf = (participant: Participant) => {
    const { meter, account } = participant
    const baseline = baselines.get(meter) ?? emptyBaseline
    const point = pointDefinitionOf(parameters, participant)
    return committedContent(conditions, { account, baseline, point })
  }
  return buildMemberTree({ ...parameters, contentOf })
}
