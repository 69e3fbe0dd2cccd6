import { expect, test } from 'vitest'
import { fileCycles, folderCycles } from './cycles.ts'
import { sourceOf } from './source.ts'

test('an import of a type closes a cycle of files', () => {
  const one = sourceOf('speed/one.ts', "import { two } from './two.ts'")
  const two = sourceOf('speed/two.ts', "import type { One } from './one.ts'")
  expect(fileCycles([one, two])).toEqual([
    'speed/one.ts:1: error: files in a cycle: speed/one.ts → speed/two.ts, ' +
      'speed/two.ts → speed/one.ts',
  ])
  expect(fileCycles([one, sourceOf('speed/two.ts', '')])).toEqual([])
})

test('folders may be in a cycle when no file is', () => {
  const sources = [
    sourceOf('speed/a/one.ts', "import { two } from '../b/two.ts'"),
    sourceOf('speed/b/two.ts', ''),
    sourceOf('speed/b/three.ts', "import { four } from '../a/four.ts'"),
    sourceOf('speed/a/four.ts', ''),
  ]
  expect(fileCycles(sources)).toEqual([])
  expect(folderCycles(sources)).toEqual([
    'speed/a:1: error: folders in a cycle: speed/a → speed/b, speed/b → speed/a',
  ])
})

test('files of a folder are one node with it, which its subfolders do not import', () => {
  const run = sourceOf('speed/run.ts', "import { one } from './a/one.ts'")
  const types = sourceOf('speed/types.ts', '')
  const one = sourceOf('speed/a/one.ts', "import type { Type } from '../types.ts'")
  expect(folderCycles([run, types, one])).toEqual([
    'speed:1: error: folders in a cycle: speed → speed/a, speed/a → speed',
  ])
  expect(folderCycles([run, types])).toEqual([])
  expect(folderCycles([types, one])).toEqual([])
})

test('a subfolder counts with all below it', () => {
  const sources = [
    sourceOf('speed/a/one.ts', "import { two } from '../b/deep/two.ts'"),
    sourceOf('speed/b/deep/two.ts', ''),
    sourceOf('speed/b/three.ts', "import { one } from '../a/one.ts'"),
  ]
  expect(folderCycles(sources)).toEqual([
    'speed/a:1: error: folders in a cycle: speed/a → speed/b, speed/b → speed/a',
  ])
})

test('tests and started files close no cycle', () => {
  const run = sourceOf('speed/run.ts', "import { one } from './a/one.ts'")
  const one = sourceOf('speed/a/one.ts', '')
  const tests = sourceOf('speed/a/one.test.ts', "import { run } from '../run.ts'")
  const started = sourceOf('speed/a/two.ts', "fork('../run.ts')")
  expect(folderCycles([run, one, tests, started])).toEqual([])
})
