import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'
import { orphans, unusedExports } from './usage.ts'

const entry = (text: string) => sourceOf('deploy/wattproof.mjs', text)

test('a file that no entry reaches is an orphan, also when orphans import it', () => {
  const sources = [
    entry("import './cli.ts'"),
    sourceOf('deploy/cli.ts', "fork(path.join(import.meta.dirname, './worker.ts'))"),
    sourceOf('deploy/worker.ts', ''),
    sourceOf('deploy/lone.ts', "import './lonely.ts'"),
    sourceOf('deploy/lonely.ts', ''),
  ]
  expect(orphans(sources)).toEqual([
    'deploy/lone.ts:1: error: nobody imports it',
    'deploy/lonely.ts:1: error: nobody imports it',
  ])
})

test('a file that only tests use moves to the tests, or is deleted', () => {
  const sources = [
    entry(''),
    sourceOf('speed/one.test.ts', "import './one.ts'\nimport '../deploy/testing/two.ts'"),
    sourceOf('speed/one.ts', ''),
    sourceOf('deploy/testing/two.ts', ''),
    sourceOf('deploy/testing/three.ts', ''),
  ]
  expect(orphans(sources)).toEqual([
    'speed/one.ts:1: error: only tests use it',
    'deploy/testing/three.ts:1: error: nobody imports it',
  ])
})

test('an exported name that nobody imports should not be exported', () => {
  const one = sourceOf('speed/one.ts', 'export const used = 1\nexport const unused = 2')
  const two = sourceOf('speed/two.ts', "import { used } from './one.ts'")
  expect(unusedExports([one, two])).toEqual(['speed/one.ts:2: error: nobody imports unused'])
  const all = sourceOf('speed/two.ts', "import * as one from './one.ts'")
  expect(unusedExports([one, all])).toEqual([])
})

test('what a run begins at may export to whoever begins it', () => {
  expect(unusedExports([entry('export default function main() {}')])).toEqual([])
  expect(unusedExports([sourceOf('deploy/cli.ts', 'export default 1')])).toEqual([
    'deploy/cli.ts:1: error: nobody imports default',
  ])
})

test('a type in an exported signature belongs to it', () => {
  const user = sourceOf('speed/two.ts', "import { settle } from './one.ts'")
  const spoken = 'export type Ask = {}\nexport function settle(ask: Ask) {}'
  expect(unusedExports([sourceOf('speed/one.ts', spoken), user])).toEqual([])
  const unspoken = 'export type Ask = {}\nexport function settle() {}'
  expect(unusedExports([sourceOf('speed/one.ts', unspoken), user])).toEqual([
    'speed/one.ts:1: error: nobody imports Ask',
  ])
})
