import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isQuorum, quorumOf } from './quorum.ts'

test('two thirds are a quorum, as the contract counts them', () => {
  // 2/3 of 300 is 200; of 301 it is 200.67, so 201; of 302 it is 201.33, so 202.
  expect([300n, 301n, 302n].map(quorumOf)).toEqual([200n, 201n, 202n])
  expect(isQuorum(200n, 301n)).toBe(false)
  expect(isQuorum(201n, 301n)).toBe(true)
  expect(isQuorum(0n, 0n)).toBe(false)
  const stake = fc.bigInt({ min: 0n, max: 2n ** 96n })
  fc.assert(
    fc.property(stake, stake, (stakeFor, stakeTotal) => {
      const counted = stakeTotal > 0n && 3n * stakeFor >= 2n * stakeTotal
      expect(isQuorum(stakeFor, stakeTotal)).toBe(counted)
    }),
  )
})
