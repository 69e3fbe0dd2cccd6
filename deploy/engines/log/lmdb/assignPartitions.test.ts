import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignPartitions, type Owned } from './assignPartitions.ts'

test('who comes second is given the last ones', () => {
  const alone = assignPartitions(free(5), ['a'], 'a')
  expect(ownersOf(alone)).toEqual(['a', 'a', 'a', 'a', 'a'])
  // The newcomer takes nothing; the one that has too much gives it.
  expect(assignPartitions(alone, ['a', 'b'], 'b')).toEqual(alone)
  const shared = assignPartitions(alone, ['a', 'b'], 'a')
  expect(ownersOf(shared)).toEqual(['a', 'a', 'a', 'b', 'b'])
  expect(shared.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 2, 2])
})

test('of two topics the one with more partitions is shared first', () => {
  const owned = [...free(2), { ...free(1)[0]!, topic: 'rejected' }]
  const alone = assignPartitions(owned, ['a'], 'a')
  const shared = assignPartitions(alone, ['a', 'b'], 'a')
  expect(ownersOf(shared)).toEqual(['a', 'b', 'a'])
})

test('whoever comes and goes: balanced once all were heard, with no needless move', () => {
  const step = fc.record({ goes: fc.boolean(), at: fc.nat() })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step), (count, steps) => {
      let owned = free(count)
      let live: string[] = []
      for (const [index, { goes, at }] of steps.entries()) {
        live = goes ? live.filter((_, each) => each !== at % live.length) : [...live, `m${index}`]
        if (live.length === 0) continue
        const before = owned
        // Several rounds, as all are heard again and again.
        for (const self of [...live, ...live]) owned = assignPartitions(owned, live, self)
        const counts = live.map((each) => owned.filter(({ member }) => member === each).length)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        expect(counts.reduce((a, b) => a + b)).toBe(count)
        const moved = owned.filter((each, i) => each.member !== before[i]!.member)
        const lost = before.filter((each) => !live.includes(each.member))
        const share = Math.ceil(count / live.length)
        expect(moved.length).toBeLessThanOrEqual(lost.length + share)
        for (const [i, each] of owned.entries()) {
          const rises = each.epoch - before[i]!.epoch
          if (each.member === before[i]!.member) expect(rises).toBe(0)
          else expect(rises).toBeGreaterThan(0)
        }
      }
    }),
  )
})

function free(count: number): Owned[] {
  return Array.from({ length: count }, (_, partition) => {
    return { topic: 't', partition, member: '', epoch: 0 }
  })
}

function ownersOf(owned: readonly Owned[]): string[] {
  return owned.map(({ member }) => member)
}
