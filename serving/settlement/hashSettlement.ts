import { keccakOfText } from '../../schemas/hash.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import type { AnonymousLine, Header } from '../../schemas/settlement.ts'
import { buildTree, type MerkleTree } from '../../schemas/tree/buildTree.ts'
import { moneyMicros } from '../../schemas/units.ts'
import type { ComputeMemberReturnType } from './computeMember.ts'
import { hashEvent, hashMember } from './hashMember.ts'
import type { EventFacts, MemberFacts } from './published.ts'

export type HashSettlementParameters = {
  readonly event: EventFacts
  readonly members: readonly (MemberFacts & { readonly pseudonym: Hex32 })[]
  /** One per member, in the same order. */
  readonly lines: readonly AnonymousLine[]
}

export type HashSettlementReturnType = {
  readonly computed: readonly ComputeMemberReturnType[]
  readonly trees: Readonly<Record<keyof ComputeMemberReturnType['leaves'], MerkleTree>>
  readonly header: Header
}

/** The four trees and the header of settled lines. */
export function hashSettlement(parameters: HashSettlementParameters): HashSettlementReturnType {
  const { event, members, lines } = parameters
  const hashes = hashEvent(event)
  const computed = lines.map((line, index) => {
    return { line, ...hashMember({ event, hashes, member: members[index]!, line }) }
  })
  const trees = {
    settlement: buildTree(computed.map((each) => each.leaves.settlement)),
    inputs: buildTree(computed.map((each) => each.leaves.inputs)),
    baselines: buildTree(computed.map((each) => each.leaves.baselines)),
    speed: buildTree(computed.map((each) => each.leaves.speed)),
  }
  const header: Header = {
    eventHash: keccakOfText(event.eventId),
    revision: event.revision,
    root: trees.settlement.root,
    inputsRoot: trees.inputs.root,
    baselinesRoot: trees.baselines.root,
    speedRoot: trees.speed.root,
    leafCount: lines.length,
    totalPay: lines.at(-1)?.payPrefix ?? moneyMicros(0n),
    totalFee: moneyMicros(lines.reduce((sum, { fee }) => sum + fee, 0n)),
    termsHash: hashes.terms,
  }
  return { computed, trees, header }
}
