import { expect, test } from 'vitest'
import type { Address } from '../../schemas/ids.ts'
import { chooseAttestation } from './chooseAttestation.ts'

const account = (digit: string) => `0x${digit.repeat(40)}` as Address

test.each([
  // stakes that signed, of a total     3 * for >= 2 * total
  [[2n], 3n, true], //                  6 >= 6
  [[1n], 3n, false], //                 3 >= 6
  [[33n, 33n], 100n, false], //         198 >= 200
  [[33n, 34n], 100n, true], //          201 >= 200
  [[0n, 0n], 3n, false], //             a signer without stake does not count
  [[], 0n, false], //                   no quorum without signers, even of no stake
])('%o of %d is a quorum: %s', (stakes, total, isQuorum) => {
  const signed = stakes.map((stake, index) => {
    const validator = account(String(index))
    return { validator, signature: '0x', stake, isOnChain: false }
  })
  expect(chooseAttestation(signed, total).isQuorum).toBe(isQuorum)
})

test('signatures are sent sorted by signer, without those the anchor has', () => {
  const each = (digit: string, isOnChain: boolean) => {
    return { validator: account(digit), signature: digit, stake: 1n, isOnChain }
  }
  const signed = [each('c', false), each('a', false), each('b', true)]
  const chosen = chooseAttestation(signed, 3n)
  expect(chosen).toEqual({ signatures: ['a', 'c'], stakeFor: 3n, isQuorum: true })
})
