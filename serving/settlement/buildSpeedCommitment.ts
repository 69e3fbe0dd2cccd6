import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { speedContent } from '../../schemas/leaf.ts'
import { buildMemberTree, type MemberTree } from './buildMemberTree.ts'

export type BuildSpeedCommitmentParameters = {
  readonly event: DrEvent
  readonly eventSecret: Uint8Array
  /** Delivered as the speed layer showed it when the event ended, mWh. */
  readonly speedFigures: ReadonlyMap<MeterId, number | null>
}

/** What the live view showed when the event ended, so that the invoice can be compared with it. */
export function buildSpeedCommitment(parameters: BuildSpeedCommitmentParameters): MemberTree {
  const contentOf = ({ meter }: Participant) =>
    speedContent(parameters.speedFigures.get(meter) ?? null)
  return buildMemberTree({ ...parameters, contentOf })
}
