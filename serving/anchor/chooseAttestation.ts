import type { Address } from '../../schemas/ids.ts'
import { isQuorum } from '../settlement/quorum.ts'

/** A stored signature, with its signer's stake at the settlement. */
export type StakedSignature = {
  readonly validator: Address
  readonly signature: string
  readonly stake: bigint
  /** Already counted by the contract. */
  readonly isOnChain: boolean
}

export type ChooseAttestationReturnType = {
  /** Sorted by signer, as the anchor requires; only those it has not counted. */
  readonly signatures: readonly string[]
  readonly stakeFor: bigint
  readonly isQuorum: boolean
}

/** The contract accepts this many in one transaction. */
export const signaturesMax = 256

/** The stake of the signers, and whether it is a quorum of the total. */
export function chooseAttestation(
  signed: readonly StakedSignature[],
  stakeTotal: bigint,
): ChooseAttestationReturnType {
  const counted = signed.filter(({ stake }) => stake > 0n)
  const stakeFor = counted.reduce((sum, { stake }) => sum + stake, 0n)
  const signatures = counted
    .filter(({ isOnChain }) => !isOnChain)
    .sort((left, right) => (left.validator < right.validator ? -1 : 1))
    .map(({ signature }) => signature)
  return { signatures, stakeFor, isQuorum: isQuorum(stakeFor, stakeTotal) }
}
