import { concatBytes } from '@noble/hashes/utils.js'
import { fromHex, keccak, toHex } from '../hash.ts'
import type { Hex32 } from '../ids.ts'

export type VerifyProofParameters = {
  readonly root: Hex32
  /** Hash of the leaf: `leafHash` of its words. */
  readonly leaf: Hex32
  readonly proof: readonly Hex32[]
}

/** Whether a leaf is under a root: OpenZeppelin's `MerkleProof.verify`. */
export function verifyProof({ root, leaf, proof }: VerifyProofParameters): boolean {
  const top = proof.reduce((node, sibling) => hashPair(node, fromHex(sibling)), fromHex(leaf))
  return toHex(top) === root.toLowerCase()
}

/** The parent of two nodes: keccak256 of the smaller and the larger. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const isSorted = compareBytes(left, right) <= 0
  return keccak(isSorted ? concatBytes(left, right) : concatBytes(right, left))
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < 32; index++) {
    const difference = left[index]! - right[index]!
    if (difference !== 0) return difference
  }
  return 0
}
