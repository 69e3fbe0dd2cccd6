import { expect, test } from 'vitest'
import { type MemorySample, memoryProblems } from './memory.ts'

/** Two samples a part, of which the mean is that of the part. */
function samplesOf(name: string, means: readonly number[]): MemorySample[] {
  return means.flatMap((mb, index) =>
    [-20, 20].map((off) => ({ part: index + 1, ownMb: new Map([[name, mb + off]]) })),
  )
}

test('memory may grow until the second part, and by 100 MB or a quarter after it', () => {
  expect(memoryProblems(samplesOf('API', [50, 300, 390, 400, 350]), 5)).toEqual([])
  expect(memoryProblems(samplesOf('ClickHouse', [50, 1000, 1240, 1250]), 4)).toEqual([])
})

test('what goes on growing is named, with its course', () => {
  expect(memoryProblems(samplesOf('API', [50, 300, 350, 401]), 4)).toEqual([
    'The memory of API is not flat: 50, 300, 350, 401 MB.',
  ])
  expect(memoryProblems(samplesOf('speed', [50, 1000, 1251]), 3)).toEqual([
    'The memory of speed is not flat: 50, 1000, 1251 MB.',
  ])
})

test('a process that is there later only has grown', () => {
  const late = { part: 3, ownMb: new Map([['batch', 400]]) }
  expect(memoryProblems([...samplesOf('API', [50, 50, 50]), late], 3)).toEqual([
    'The memory of batch is not flat: 0, 0, 133 MB.',
  ])
})
