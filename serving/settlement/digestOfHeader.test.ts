import { TypedDataEncoder } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address } from '../../schemas/ids.ts'
import { headerTypes } from '../../schemas/settlement.ts'
import { moneyMicros } from '../../schemas/units.ts'
import { digestOfHeader } from './digestOfHeader.ts'

const amount = fc.bigInt({ min: 0n, max: 2n ** 200n }).map(moneyMicros)
const hash = fc.string().map(keccakOfText)
const count = fc.nat(2 ** 31 - 1)
const headers = fc.record({
  eventHash: hash,
  revision: count,
  root: hash,
  inputsRoot: hash,
  baselinesRoot: hash,
  speedRoot: hash,
  leafCount: count,
  totalPay: amount,
  totalFee: amount,
  termsHash: hash,
})

test('the digest is the one ethers computes', () => {
  const anchors = hash.map((each) => `0x${each.slice(26)}` as Address)
  fc.assert(
    fc.property(headers, anchors, count, count, (header, anchor, settlementNumber, chainId) => {
      const domain = { name: 'Wattproof', version: '1', chainId, verifyingContract: anchor }
      const types = { Settlement: [...headerTypes.Settlement] }
      const theirs = TypedDataEncoder.hash(domain, types, { period: settlementNumber, ...header })
      expect(digestOfHeader({ chainId, anchor, settlementNumber, header })).toBe(theirs)
    }),
  )
})
