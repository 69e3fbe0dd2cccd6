import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'
import { timeLimits } from './timeLimits.ts'

const tight = (text: string) => timeLimits([sourceOf('speed/one.test.ts', text)])

test.each([
  "test('a', async () => {}, 30_000)",
  "test.each([1])('a %s', async () => {}, 60_000)",
  "test.skipIf(isMac)('a', () => {}, 5_000)",
  'beforeAll(async () => {}, 1_000)',
])('a limit of its own: %s', (text) => {
  expect(tight(text)).toEqual([
    'speed/one.test.ts:1: error: leave out the time limit: it is no longer than usual',
  ])
})

test('a longer limit, none, and a number that is none', () => {
  expect(tight("test('a', async () => {}, 120_000)")).toEqual([])
  expect(tight("test('a', async () => {})")).toEqual([])
  expect(tight('expect(at(1, 2)).toBe(3)')).toEqual([])
  expect(timeLimits([sourceOf('speed/one.ts', "test('a', () => {}, 1)")])).toEqual([])
})
