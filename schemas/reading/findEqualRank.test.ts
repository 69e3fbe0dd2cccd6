import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addAct, decidedBy, emptyActs } from './acts.ts'
import { findEqualRank } from './findEqualRank.ts'

const rank = (source: string, fromMs: number, value: number) => {
  return { kind: 'rank', source, fromMs, rank: value } as const
}

test('another source has the rank from the act on, until one of them has another', () => {
  const acts = emptyActs()
  addAct(acts, rank('a', 0, 3))
  addAct(acts, rank('a', 100, 5))
  expect(findEqualRank(acts, rank('b', 0, 3))).toEqual({ source: 'a', fromMs: 0 })
  expect(findEqualRank(acts, rank('b', 50, 3))).toEqual({ source: 'a', fromMs: 50 })
  expect(findEqualRank(acts, rank('b', 100, 3))).toBe(null)
  // Later, where the other one gets it.
  expect(findEqualRank(acts, rank('b', 0, 5))).toEqual({ source: 'a', fromMs: 100 })
  // Its own rank again, another one, and none.
  expect(findEqualRank(acts, rank('a', 0, 3))).toBe(null)
  expect(findEqualRank(acts, rank('b', 0, 4))).toBe(null)
  expect(findEqualRank(acts, rank('b', 0, 0))).toBe(null)
  addAct(acts, rank('b', 70, 7))
  expect(findEqualRank(acts, rank('b', 0, 5))).toBe(null)
})

test('where acts that find an equal rank are refused, no two sources ever have one', () => {
  const act = fc.record({
    source: fc.constantFrom('a', 'b', 'c'),
    fromMs: fc.nat(5),
    rank: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (drawn) => {
      const acts = emptyActs()
      for (const each of drawn) {
        const given = { kind: 'rank', ...each } as const
        if (findEqualRank(acts, given) === null) addAct(acts, given)
      }
      const { rankOf } = decidedBy(acts)
      for (let ms = 0; ms <= 6; ms++) {
        const ranks = ['a', 'b', 'c'].map((source) => rankOf(source, ms)).filter(Boolean)
        expect(new Set(ranks).size).toBe(ranks.length)
      }
    }),
  )
})
