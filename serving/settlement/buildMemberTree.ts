import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import {
  eventSalt,
  leafHash,
  memberLeafWords,
  meterPseudonym,
  pseudonymSalt,
} from '../../schemas/leaf.ts'
import { buildTree } from '../../schemas/tree/buildTree.ts'
import { sortParticipants } from './settleEvent.ts'

export type BuildMemberTreeParameters = {
  readonly event: DrEvent
  readonly eventSecret: Uint8Array
  readonly contentOf: (participant: Participant) => Hex32
}

export type MemberTree = {
  readonly root: Hex32
  /** Words of each leaf, in the order of settlement lines. */
  readonly leaves: readonly ReturnType<typeof memberLeafWords>[]
  readonly proofs: readonly (readonly Hex32[])[]
}

/** A tree with one salted leaf per participant. */
export function buildMemberTree(parameters: BuildMemberTreeParameters): MemberTree {
  const { event, eventSecret, contentOf } = parameters
  const leaves = sortParticipants(event).map((participant, index) => {
    const { meter } = participant
    const pseudonym = meterPseudonym(pseudonymSalt(eventSecret, meter), meter)
    const salt = eventSalt(eventSecret, meter)
    return memberLeafWords({ index, pseudonym, content: contentOf(participant), salt })
  })
  const tree = buildTree(leaves.map(leafHash))
  return { root: tree.root, leaves, proofs: leaves.map((_, index) => tree.proofOf(index)) }
}
