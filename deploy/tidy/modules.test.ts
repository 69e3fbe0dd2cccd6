import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'

test('every form of import is read, with the names it takes', () => {
  expect(importsOf("import one, { two as three, type Four } from './a.ts'")).toEqual([
    ['speed/a.ts', ['default', 'two', 'Four']],
  ])
  expect(importsOf("import * as all from '../batch/a.ts'")).toEqual([['batch/a.ts', 'all']])
  expect(importsOf("import type { Five } from './a.ts'")).toEqual([['speed/a.ts', ['Five']]])
  expect(importsOf("export { six as seven } from './a.ts'")).toEqual([['speed/a.ts', ['six']]])
  expect(importsOf("export * from './a.ts'")).toEqual([['speed/a.ts', 'all']])
  expect(importsOf("type Eight = import('./a.ts').Nine")).toEqual([['speed/a.ts', ['Nine']]])
  expect(importsOf("import fs from 'node:fs'")).toEqual([['node:fs', ['default']]])
})

test('a dynamic import takes the names destructured from it, or all', () => {
  expect(importsOf("const { one, two: three } = await import('./a.ts')")).toEqual([
    ['speed/a.ts', ['one', 'two']],
  ])
  expect(importsOf("const all = await import('./a.ts')")).toEqual([['speed/a.ts', 'all']])
})

test('a file named relative to this one counts as started or bundled', () => {
  const source = sourceOf('speed/file.ts', "const entry = new URL('../a/main.ts', import.meta.url)")
  expect(source.imports).toMatchObject([{ target: 'a/main.ts', kind: 'file', names: 'all' }])
  const joined = "fork(path.join(import.meta.dirname, '../a', 'main.ts'))"
  expect(importsOf(joined)).toEqual([['a/main.ts', 'all']])
})

test.each([
  "const sentence = 'It is written in main.ts.'",
  "const name = './main.ts'",
  "say('./main.ts')",
  "path.join(folder, 'main.ts')",
  "new URL('./main.ts', base)",
])('a name in any other string does not: %s', (text) => {
  expect(importsOf(text)).toEqual([])
})

test('every form of export is read', () => {
  const text = `export const one = 1
export function two() {}
export type Three = 3
const four = 4
export { four as five }
export default one`
  const names = sourceOf('speed/file.ts', text).exports.map(({ name }) => name)
  expect(names).toEqual(['one', 'two', 'Three', 'five', 'default'])
})

function importsOf(text: string) {
  return sourceOf('speed/file.ts', text).imports.map(({ target, names }) => [target, names])
}
