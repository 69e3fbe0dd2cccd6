import { expect, test } from 'vitest'
import { cutDays } from './readHistory.ts'

const dayMs = 86_400_000

test('days are read together up to so many versions', () => {
  const days = [40, 60, 10, 250, 5, 5].map((versions, day) => ({ day_ms: day * dayMs, versions }))

  // 40 + 60 fill a hundred; 10 + 250 would be more, and a day is never cut.
  const parts = cutDays(days, 100).map(({ startMs, endMs }) => [startMs / dayMs, endMs / dayMs])
  expect(parts).toEqual([
    [0, 2],
    [2, 3],
    [3, 4],
    [4, 6],
  ])
})

test('days without a reading cost nothing', () => {
  const days = [0, 5_000].map((day) => ({ day_ms: day * dayMs, versions: 50 }))
  expect(cutDays(days, 100)).toEqual([{ startMs: 0, endMs: 5_001 * dayMs }])
  expect(cutDays([], 100)).toEqual([])
})
