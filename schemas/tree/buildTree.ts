import { NoLeavesError, NoSuchLeafError } from '../errors/number.ts'
import { invariant } from '../errors/wattproofError.ts'
import { fromHex, toHex } from '../hash.ts'
import type { Hex32 } from '../ids.ts'
import { compareBytes, hashPair, verifyProof } from './verifyProof.ts'

export type MerkleTree = {
  readonly root: Hex32
  /** Leaf hashes in their original order. */
  readonly leaves: readonly Hex32[]
  /** Siblings of a leaf, from the bottom up; verified before they are returned. */
  readonly proofOf: (index: number) => readonly Hex32[]
}

/**
 * The tree of `standard-v1` (@openzeppelin/merkle-tree): a complete binary tree in an array, root
 * first, whose last nodes are the leaves, sorted and in reverse.
 *
 * @param leaves hashes of the leaves, `leafHash` of their words, at least one.
 */
export function buildTree(leaves: readonly Hex32[]): MerkleTree {
  if (leaves.length === 0) throw new NoLeavesError()
  const hashes = leaves.map(fromHex)
  const order = hashes.map((_, index) => index)
  order.sort((left, right) => compareBytes(hashes[left]!, hashes[right]!))

  const nodes = new Array<Uint8Array>(2 * leaves.length - 1)
  const nodeOf = new Array<number>(leaves.length)
  order.forEach((leaf, rank) => {
    const node = nodes.length - 1 - rank
    nodes[node] = hashes[leaf]!
    nodeOf[leaf] = node
  })
  for (let node = leaves.length - 2; node >= 0; node--) {
    nodes[node] = hashPair(nodes[2 * node + 1]!, nodes[2 * node + 2]!)
  }

  const root = toHex(nodes[0]!)
  const proofOf = (index: number): readonly Hex32[] => {
    const node = nodeOf[index]
    if (node === undefined) throw new NoSuchLeafError({ index, leaves: leaves.length })
    const proof = siblingsOf(nodes, node)
    const isProved = verifyProof({ root, leaf: leaves[index]!, proof })
    invariant(isProved, `The proof of leaf ${index} does not lead to the root.`)
    return proof
  }
  return { root, leaves, proofOf }
}

function siblingsOf(nodes: readonly Uint8Array[], from: number): Hex32[] {
  const siblings: Hex32[] = []
  for (let node = from; node > 0; node = Math.floor((node - 1) / 2)) {
    siblings.push(toHex(nodes[node % 2 === 0 ? node - 1 : node + 1]!))
  }
  return siblings
}
