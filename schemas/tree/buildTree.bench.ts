import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { bench, describe } from 'vitest'
import { leafHash, settlementLeafTypes } from '../leaf.ts'
import { buildTree } from './buildTree.ts'

/** A tree of 2,000 settlement leaves, ours against the library; the results are byte-equal. */
const leaves = Array.from({ length: 2_000 }, (_, index) => [
  index,
  `0x${(index + 1).toString(16).padStart(40, '0')}`,
  BigInt(index) * 1_000n,
  `0x${(index * 7 + 1).toString(16).padStart(64, '0')}`,
])

describe('a tree of 2,000 leaves', () => {
  bench('buildTree', () => {
    buildTree(leaves.map(leafHash))
  })
  bench('@openzeppelin/merkle-tree', () => {
    StandardMerkleTree.of(leaves, [...settlementLeafTypes])
  })
})
