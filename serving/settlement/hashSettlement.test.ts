import { expect, test } from 'vitest'
import { verifyProof } from '../../schemas/tree/verifyProof.ts'
import { buildSettlement } from './buildSettlement.ts'
import { computeSettlement } from './computeSettlement.ts'
import { exampleInputs } from './testing/exampleEvent.ts'

const built = buildSettlement(exampleInputs())
const again = computeSettlement(built.published)
const roots = { settlement: 'root', inputs: 'inputsRoot', baselines: 'baselinesRoot' } as const

test('the example has the roots it has had since 0.1.0', () => {
  expect(built.header).toEqual({
    eventHash: '0xc8b9c0b6a637f009f5b4c08f8ab91584af43d9e92e9d096cd5534c81b617b12a',
    revision: 1,
    root: '0x2c5ca4bf1772d2f5f8067d6d55efea578ac29472ffec2215147d1984da2f40be',
    inputsRoot: '0xc06503d0c88a7d6abab01010579f71eea9723b7c31213f1968a6fdfaf07b8110',
    baselinesRoot: '0x2af0cce12f24c2fb06d9e6cf51e55fa0c6d589d4f4b70cd63ffaec6445661266',
    speedRoot: '0x3423bce881589ccd4267e16a0fb62c761e1318dde08f69569af1dee5f22d2b6a',
    leafCount: 5,
    totalPay: 221_112n,
    totalFee: 41_800n,
    termsHash: '0x074f288eb458dcdb82918c90af63e95ab83a6b6eb2ac197397f8767945f546a6',
  })
})

test('the published inputs give the same lines and header as the settlement', () => {
  expect(again.header).toEqual(built.header)
  const anonymous = built.settlement.lines.map(({ meter: _, ...line }) => line)
  expect(again.computed.map(({ line }) => line)).toEqual(anonymous)
})

test.each(Object.entries(roots))('every leaf of the %s tree proves its root', (tree, root) => {
  for (const [index, { leaves }] of again.computed.entries()) {
    const leaf = leaves[tree as keyof typeof roots]
    const proof = again.trees[tree as keyof typeof roots].proofOf(index)
    expect(verifyProof({ root: again.header[root], leaf, proof })).toBe(true)
    const other = again.computed[(index + 1) % 5]!.leaves[tree as keyof typeof roots]
    expect(verifyProof({ root: again.header[root], leaf: other, proof })).toBe(false)
  }
})
