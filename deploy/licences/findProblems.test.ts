import { expect, test } from 'vitest'
import type { Bundle } from './bundled.ts'
import { findProblems } from './findProblems.ts'

const none = { packages: [], bundles: [], binaries: [] }

test('a package under a licence that is not allowed', () => {
  const given = { versions: ['1.0.0'], isDevelopment: true }
  const packages = [
    { name: 'good', licence: 'MIT', ...given },
    { name: 'bad', licence: 'AGPL-3.0-only', ...given },
  ]
  expect(findProblems({ ...none, packages })).toEqual([
    'bad: AGPL-3.0-only is not an allowed licence (allowed.ts).',
  ])
})

test('a package with machine code that nobody has described', () => {
  const binaries = ['@lmdb/lmdb-linux-x64', 'sharp']
  expect(findProblems({ ...none, binaries })).toEqual([
    'sharp: has binaries; say what they consist of (bundled.ts).',
  ])
})

test('a part of a binary: LGPL with an explanation, GPL for developers only', () => {
  const bundle = (licence: string, rest: Partial<Bundle> & { because?: string } = {}): Bundle => {
    const { because, ...more } = rest
    const part = { name: 'part', version: null, licence, ...(because ? { because } : {}) }
    return { packages: 'any', parts: [part], ...more }
  }
  const because = 'a reason'
  const isDevelopment = true as const
  const problemsOf = (each: Bundle) => findProblems({ ...none, bundles: [each] }).length
  expect(problemsOf(bundle('LGPL-2.1-only'))).toBe(1)
  expect(problemsOf(bundle('LGPL-2.1-only', { because }))).toBe(0)
  expect(problemsOf(bundle('GPL-3.0', { because }))).toBe(1)
  expect(problemsOf(bundle('GPL-3.0', { isDevelopment }))).toBe(1)
  expect(problemsOf(bundle('GPL-3.0', { because, isDevelopment }))).toBe(0)
})

test('a tool of developers that every installation has', () => {
  const packages = [{ name: 'solc', versions: ['1'], licence: 'MIT', isDevelopment: false }]
  expect(findProblems({ ...none, packages })).toEqual([
    'solc: is listed as a tool of developers and installed by everybody.',
  ])
})
