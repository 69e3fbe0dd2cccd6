import fs from 'node:fs'
import path from 'node:path'
import { Interface, TypedDataEncoder } from 'ethers'
import { expect, test } from 'vitest'
import { headerTypes } from '../schemas/settlement.ts'
import { settlementAnchor } from './abi/SettlementAnchor.ts'

type HeaderVector = {
  readonly domain: { readonly name: string; readonly chainId: string }
  readonly period: string
  readonly fields: Readonly<Record<string, string>>
  readonly digest: string
}

const file = path.join(import.meta.dirname, '../schemas/vectors/header.json')
const vectors: { header: HeaderVector[] } = JSON.parse(fs.readFileSync(file, 'utf8'))

/** Solidity computed these digests; ethers does from the types in schemas/. */
test.each(vectors.header)('ethers signs what the anchor checks (chain $domain.chainId)', (each) => {
  const { domain, period: settlementNumber, fields, digest } = each
  const types = { Settlement: [...headerTypes.Settlement] }
  expect(TypedDataEncoder.hash(domain, types, { period: settlementNumber, ...fields })).toBe(digest)
})

test('a header with one field changed has another digest', () => {
  const { domain, period: settlementNumber, fields, digest } = vectors.header[1]!
  const types = { Settlement: [...headerTypes.Settlement] }
  for (const { name } of headerTypes.Settlement) {
    const changed = { period: settlementNumber, ...fields, [name]: `0x${'0'.repeat(63)}7` }
    expect(TypedDataEncoder.hash(domain, types, changed)).not.toBe(digest)
  }
})

/** The signed struct is the contract's own `Header`, after the period. */
test('the types in schemas/ are the fields of the contract', () => {
  const propose = new Interface(settlementAnchor.abi).getFunction('propose')
  const fields = propose?.inputs[0]?.components?.map(({ name, type }) => ({ name, type }))
  expect([{ name: 'period', type: 'uint256' }, ...(fields ?? [])]).toEqual(headerTypes.Settlement)
})
