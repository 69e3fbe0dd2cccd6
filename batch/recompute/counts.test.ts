import { expect, test } from 'vitest'
import { addCounts, noCounts, type RecomputeCounts } from './counts.ts'

test('each count is added to its own, and nothing else is taken over', () => {
  const names = Object.keys(noCounts) as (keyof RecomputeCounts)[]
  const of = (value: (index: number) => number) =>
    Object.fromEntries(names.map((name, index) => [name, value(index)])) as RecomputeCounts
  const once = of((index) => 10 ** index)

  expect(addCounts(addCounts(noCounts, once), once)).toEqual(of((index) => 2 * 10 ** index))
  const more = { days: 5, since: 7 }
  expect(addCounts(once, more)).toEqual({ ...once, days: once.days + 5 })
  expect(once).toEqual(of((index) => 10 ** index))
})
