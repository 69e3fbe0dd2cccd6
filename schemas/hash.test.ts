import { AbiCoder } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { abiWords, deriveSecret, keccakOfText, saltOf, toHex } from './hash.ts'

const coder = AbiCoder.defaultAbiCoder()

test('words are those of abi.encode, for whole numbers of any size and sign', () => {
  const edges = fc.constantFrom(0, 1, -1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER)
  const big = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n })
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), edges, big)), (values) => {
      const types = values.map(() => 'int256')
      expect(toHex(abiWords(values))).toBe(coder.encode(types, values))
    }),
  )
})

test('an address is padded on the left, a hash fills its word', () => {
  const account = `0x${'ab'.repeat(20)}`
  const hash = keccakOfText('wattproof')
  expect(toHex(abiWords([account, hash]))).toBe(
    coder.encode(['address', 'bytes32'], [account, hash]),
  )
})

test('fractions and longer values are not words', () => {
  expect(() => abiWords([1.5])).toThrow(RangeError)
  expect(() => abiWords([`0x${'00'.repeat(33)}`])).toThrow(RangeError)
})

test('salts are 128 bits and differ by name and by secret', () => {
  const [one, other] = ['one', 'other'].map((each) => deriveSecret(new Uint8Array(32), each))
  expect(saltOf(one!, 'meter')).toMatch(/^0x0{32}[0-9a-f]{32}$/)
  expect(saltOf(one!, 'meter')).not.toBe(saltOf(other!, 'meter'))
  expect(saltOf(one!, 'meter')).not.toBe(saltOf(one!, 'metre'))
})
