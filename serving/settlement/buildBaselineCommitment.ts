import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { buildMemberTree, type MemberTree } from './buildMemberTree.ts'
import { factsOf } from './buildPeriod.ts'
import { committedContent, emptyBaseline, hashEvent } from './computeMember.ts'
import type { Baselines } from './settleEvent.ts'

export type BuildBaselineCommitmentParameters = {
  readonly event: DrEvent
  readonly eventSecret: Uint8Array
  readonly baselines: Baselines
}

/**
 * What is fixed on chain before an event starts: each member's baseline with the readings it was
 * made of, and the zone, times, method and dates it depends on.
 */
export function buildBaselineCommitment(parameters: BuildBaselineCommitmentParameters): MemberTree {
  const { event, baselines } = parameters
  // A revision changes no condition, so that the root is the same for all of them.
  const { conditions } = hashEvent(factsOf(event, 1))
  const contentOf = (meter: MeterId) =>
    committedContent(conditions, baselines.get(meter) ?? emptyBaseline)
  return buildMemberTree({ ...parameters, contentOf })
}
