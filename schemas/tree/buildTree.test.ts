import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { keccakOfText } from '../hash.ts'
import type { Hex32 } from '../ids.ts'
import vectors from '../vectors/leaf.json' with { type: 'json' }
import { buildTree } from './buildTree.ts'
import { verifyProof } from './verifyProof.ts'

test.each(vectors.tree)('the golden tree of $count leaves', ({ leaves, root, proofs }) => {
  const tree = buildTree(leaves as Hex32[])
  expect(tree.root).toBe(root)
  expect(leaves.map((_, index) => tree.proofOf(index))).toEqual(proofs)
})

test('byte-equal to the OpenZeppelin library, whatever the size', () => {
  const sizes = fc.integer({ min: 1, max: 300 })
  fc.assert(
    fc.property(sizes, fc.string(), (size, seed) => {
      const leaves = Array.from({ length: size }, (_, index) => keccakOfText(`${seed} ${index}`))
      const theirs = SimpleMerkleTree.of(leaves)
      const ours = buildTree(leaves)
      expect(ours.root).toBe(theirs.root)
      expect(ours.proofOf(size - 1)).toEqual(theirs.getProof(size - 1))
    }),
    { numRuns: 40 },
  )
})

test('equal leaves are each proved', () => {
  const leaves = ['a', 'b', 'a', 'a'].map(keccakOfText)
  const tree = buildTree(leaves)
  for (const [index, leaf] of leaves.entries()) {
    expect(verifyProof({ root: tree.root, leaf, proof: tree.proofOf(index) })).toBe(true)
  }
})

test('a foreign leaf, a changed proof and another root prove nothing', () => {
  const tree = buildTree(['a', 'b', 'c', 'd', 'e'].map(keccakOfText))
  const proof = tree.proofOf(2)
  const leaf = keccakOfText('c')
  const { root } = tree
  expect(verifyProof({ root, leaf, proof })).toBe(true)
  expect(verifyProof({ root, leaf: keccakOfText('x'), proof })).toBe(false)
  expect(verifyProof({ root, leaf, proof: proof.slice(1) })).toBe(false)
  expect(verifyProof({ root, leaf, proof: [...proof, leaf] })).toBe(false)
  expect(verifyProof({ root: keccakOfText('r'), leaf, proof })).toBe(false)
  // Order within the proof matters, order within a pair does not: that is `standard-v1`.
  expect(verifyProof({ root, leaf, proof: [...proof].reverse() })).toBe(false)
})

test('an empty list has no root and no proof', () => {
  expect(() => buildTree([])).toThrow(InvalidArgumentError)
  expect(() => buildTree([keccakOfText('a')]).proofOf(1)).toThrow('There is no leaf 1')
})
