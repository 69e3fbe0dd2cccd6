import { keccakOfText } from '../../schemas/hash.ts'
import type { Header } from '../../schemas/settlement.ts'
import { buildTree, type MerkleTree } from '../../schemas/tree/buildTree.ts'
import { type MoneyMicros, moneyMicros } from '../../schemas/units.ts'
import { type ComputeMemberReturnType, computeMember, hashEvent } from './computeMember.ts'
import type { EventFacts, MemberFacts, PublishedMember } from './published.ts'

export type ComputePeriodParameters = {
  readonly event: EventFacts
  readonly members: readonly (MemberFacts & Pick<PublishedMember, 'pseudonym'>)[]
}

export type ComputePeriodReturnType = {
  readonly computed: readonly ComputeMemberReturnType[]
  readonly trees: Readonly<Record<keyof ComputeMemberReturnType['leaves'], MerkleTree>>
  readonly header: Header
}

/** All lines, the four trees and the header of an event, from what is published of it. */
export function computePeriod(parameters: ComputePeriodParameters): ComputePeriodReturnType {
  const { event, members } = parameters
  const hashes = hashEvent(event)
  let payPrefixBefore: MoneyMicros = moneyMicros(0n)
  const computed = members.map((member, index) => {
    const each = computeMember({ event, hashes, member, index, payPrefixBefore })
    payPrefixBefore = each.line.payPrefix
    return each
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
    leafCount: computed.length,
    totalPay: payPrefixBefore,
    totalFee: moneyMicros(computed.reduce((sum, { line }) => sum + line.fee, 0n)),
    termsHash: hashes.terms,
  }
  return { computed, trees, header }
}
