import { expect, test } from 'vitest'
import { printRatio, ratioByRoom, readSolidity } from './ratio.ts'
import { readmes } from './readmes.ts'
import { sourceOf } from './source.ts'
import { longStyles } from './styles.ts'

test('tests against source by room, and of all', () => {
  const ratios = ratioByRoom([
    sourceOf('speed/one.ts', 'one()\ntwo()\nthree()\nfour()\n'),
    sourceOf('speed/one.test.ts', 'one()\ntwo()\n'),
    sourceOf('schemas/conformance/log.ts', 'one()\n'),
  ])
  expect(ratios.find(({ room }) => room === 'speed')).toEqual({
    ...{ room: 'speed', sourceLines: 4, testLines: 2 },
  })
  // 3 / 4 = .75.
  expect(printRatio(ratios)).toContain('speed      0.50 : 1  (2 lines of tests, 4 of source)')
  expect(printRatio(ratios).at(-1)).toBe('all        0.75 : 1  (3 lines of tests, 4 of source)')
})

test('contracts count in their own language', () => {
  const [contracts] = ratioByRoom(readSolidity()).filter(({ room }) => room === 'contracts')
  expect(contracts!.sourceLines).toBeGreaterThan(1_000)
  expect(contracts!.testLines).toBeGreaterThan(1_000)
})

test('a style sheet has 400 lines at most', () => {
  const lines = (count: number) => 'a { top: 0 }\n'.repeat(count)
  expect(longStyles([{ path: 'one.css', text: lines(400) }])).toEqual([])
  expect(longStyles([{ path: 'one.css', text: lines(401) }])).toEqual([
    'one.css:1: error: 401 lines: at most 400',
  ])
})

test('a folder without a README is found', () => {
  const sources = [sourceOf('deploy/one.ts', ''), sourceOf('deploy/nowhere/two.ts', '')]
  expect(readmes(sources)).toEqual(['deploy/nowhere:1: error: has no README.md'])
})
