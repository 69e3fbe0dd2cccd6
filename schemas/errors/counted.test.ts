import { expect, test } from 'vitest'
import { counted } from './counted.ts'

test.each([
  [0, 'reading', undefined, '0 readings'],
  [1, 'reading', undefined, '1 reading'],
  [2, 'reading', undefined, '2 readings'],
  [1, 'series', 'series', '1 series'],
  [3, 'leaf', 'leaves', '3 leaves'],
])('%i %s', (count, one, many, text) => {
  expect(counted(count, one, many)).toBe(text)
})
