import { expect, test } from 'vitest'
import { growthProblems } from './growthProblems.ts'

const first = { days: 30, cpuMs: 4_000, rows: 60_000, bytesOfOne: 1_000, bytesAfterAll: 1_000 }

test('figures within their limits are no problem', () => {
  const most = { ...first, days: 365, cpuMs: 4_800, rows: 72_000, bytesAfterAll: 1_300 }
  const least = { ...first, days: 120, cpuMs: 3_200, rows: 48_000, bytesAfterAll: 900 }
  expect(growthProblems([first, least, most])).toEqual([])
  expect(growthProblems([])).toEqual([])
})

test('what grows with history is named with its figures', () => {
  const over = { ...first, days: 365, cpuMs: 4_801, rows: 72_001, bytesAfterAll: 1_301 }
  expect(growthProblems([first, over])).toEqual([
    'CPU time, ms, over 365 days: 4801, over 30 days 4000; they may differ by 20 %.',
    'Rows written over 365 days: 72001, over 30 days 60000; they may differ by 20 %.',
    'Disk over 365 days is 1.30 × that of one generation; at most 1.3 is allowed.',
  ])
  expect(growthProblems([first, { ...first, days: 365, cpuMs: 3_199 }])).toHaveLength(1)
  expect(growthProblems([{ ...first, bytesAfterAll: 2_000 }])).toHaveLength(1)
})
