import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addCounters, emptyCounters, type IngestCounters, isBalanced } from './reading.ts'

test('counters add up and stay balanced; late and corrected are part of accepted', () => {
  const nat = fc.nat(1_000)
  const anyCounters = fc
    .record({ accepted: nat, duplicate: nat, rejected: nat, late: nat, corrected: nat })
    .map((each): IngestCounters => {
      return { ...each, read: each.accepted + each.duplicate + each.rejected }
    })
  fc.assert(
    fc.property(anyCounters, anyCounters, (left, right) => {
      const sum = addCounters(left, right)
      expect(isBalanced(sum)).toBe(true)
      for (const name of Object.keys(emptyCounters) as (keyof IngestCounters)[]) {
        expect(sum[name]).toBe(left[name] + right[name])
        const isCounted = ['accepted', 'duplicate', 'rejected', 'read'].includes(name)
        expect(isBalanced({ ...sum, [name]: sum[name] + 1 })).toBe(!isCounted)
      }
      expect(addCounters(left, emptyCounters)).toEqual(left)
    }),
  )
})
