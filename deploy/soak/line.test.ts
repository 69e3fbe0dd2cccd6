import { expect, test } from 'vitest'
import { lineOf, sumOf } from './line.ts'

const soak = {
  startedMs: Date.UTC(2026, 10, 29, 9, 5),
  endedMs: Date.UTC(2026, 10, 29, 9, 6, 30),
  commit: '2e54719',
  seed: 7,
  files: ['schemas/hash.test.ts'],
  filesAll: 2,
  machine: '2 × Xeon',
  tests: [{ name: 'a', state: 'passed' }],
} as const

test('a sample is called one, and says which files it ran', () => {
  // From 9:05:00 to 9:06:30 are 1.5 minutes.
  expect(lineOf(soak)).toBe(
    '| 2026-11-29T09:05Z | 2e54719 | sample, 1 of 2 files: schemas/hash.test.ts | 7 | 1.5 | ' +
      '2 × Xeon | 1 passed, 0 failed, 0 skipped |',
  )
  const whole = lineOf({ ...soak, files: ['a.test.ts', 'b.test.ts'] })
  expect(whole).toContain('| all 2 files |')
})

test('what failed is named, and stays within its cell', () => {
  const tests = [...soak.tests, { name: 'x | y\n z', state: 'failed' }] as const
  expect(lineOf({ ...soak, tests })).toContain('| 1 passed, 1 failed, 0 skipped; x \\| y z |')
})

test('what was not reached counts as skipped', () => {
  const states = ['passed', 'pending', 'skipped', 'failed'] as const
  expect(sumOf(states.map((state) => ({ name: state, state })))).toBe(
    '1 passed, 1 failed, 2 skipped',
  )
})
