import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findById, firstFrom, mergeById } from './byId.ts'
import { aMeter } from './testing/aMeter.ts'

const place = { zone: 'UTC', group: 'g', intervalS: 900 }
const metersOf = (ids: readonly number[], own = place) => {
  return ids.map((id) => aMeter({ meter: `M${id}`, ...own }))
}
const ids = fc.uniqueArray(fc.nat(40), { maxLength: 20 })

test('what is merged is by id, with the changed one where both have it', () => {
  fc.assert(
    fc.property(ids, ids, (before, now) => {
      const changed = metersOf(now, { ...place, intervalS: 1800 })
      const merged = mergeById(mergeById([], metersOf(before)), changed)
      const expected = new Map([...metersOf(before), ...changed].map((each) => [each.meter, each]))
      expect(merged).toEqual([...expected.values()].sort(byId))
    }),
  )
})

test('a meter is found by its id, and the place of one that is not there', () => {
  fc.assert(
    fc.property(ids, fc.nat(40), (known, asked) => {
      const meters = mergeById([], metersOf(known))
      const id = `M${asked}`
      expect(findById(meters, id)).toBe(meters.find(({ meter }) => meter === id))
      expect(firstFrom(meters, id)).toBe(meters.filter(({ meter }) => meter < id).length)
    }),
  )
})

function byId(left: { meter: string }, right: { meter: string }): number {
  return left.meter < right.meter ? -1 : 1
}
