import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Address } from '../../schemas/ids.ts'
import { moneyMicros } from '../../schemas/units.ts'
import { chooseAttestation } from './chooseAttestation.ts'
import { chooseClaims, chunk } from './chooseClaims.ts'

const account = (digit: string) => `0x${digit.repeat(40)}` as Address
const detail = `0x${'00'.repeat(32)}` as const
const line = (index: number, digit: string, entitled: bigint) => {
  return { index, account: account(digit), entitled: moneyMicros(entitled), detail }
}

test.each([
  // stakes that signed, of a total     3 * for >= 2 * total
  [[2n], 3n, true], //                  6 >= 6
  [[1n], 3n, false], //                 3 >= 6
  [[33n, 33n], 100n, false], //         198 >= 200
  [[33n, 34n], 100n, true], //          201 >= 200
  [[0n, 0n], 3n, false], //             who has no stake counts nothing
  [[], 0n, false], //                   nobody is no quorum of nothing
])('%o of %d is a quorum: %s', (stakes, total, isQuorum) => {
  const signed = stakes.map((stake, index) => {
    const validator = account(String(index))
    return { validator, signature: '0x', stake, isOnChain: false }
  })
  expect(chooseAttestation(signed, total).isQuorum).toBe(isQuorum)
})

test('signatures go out sorted by signer, without those the anchor has', () => {
  const each = (digit: string, isOnChain: boolean) => {
    return { validator: account(digit), signature: digit, stake: 1n, isOnChain }
  }
  const signed = [each('c', false), each('a', false), each('b', true)]
  const chosen = chooseAttestation(signed, 3n)
  expect(chosen).toEqual({ signatures: ['a', 'c'], stakeFor: 3n, isQuorum: true })
})

test('of several lines of an account the last claims for all; what is paid is left out', () => {
  const lines = [line(0, 'a', 5n), line(1, 'b', 0n), line(2, 'a', 9n), line(3, 'c', 4n)]
  const claimed = new Map([[account('c'), 4n]])
  expect(chooseClaims(lines, claimed).map(({ index }) => index)).toEqual([2])
})

test('lots keep order and lose nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
      const lots = chunk(items, size)
      expect(lots.flat()).toEqual(items)
      expect(lots.every((lot) => lot.length > 0 && lot.length <= size)).toBe(true)
    }),
  )
})
