import { expect, test } from 'vitest'
import { columns } from './columns.ts'
import { fileLength } from './fileLength.ts'
import { sourceOf } from './source.ts'

test('a source has 300 lines at most, a test 400', () => {
  expect(linesFound('speed/one.ts', 300)).toEqual([])
  expect(linesFound('speed/one.ts', 301)).toEqual(['speed/one.ts:1: error: 301 lines: at most 300'])
  expect(linesFound('speed/one.test.ts', 400)).toEqual([])
  expect(linesFound('schemas/conformance/log.ts', 401)).toHaveLength(1)
})

test('a line has 100 columns at most, except for a web address', () => {
  const columnsFound = (line: string) => columns([sourceOf('speed/one.ts', `\n${line}\n`)])
  expect(columnsFound(`// ${'x'.repeat(97)}`)).toEqual([])
  expect(columnsFound(`// ${'x'.repeat(98)}`)).toEqual([
    'speed/one.ts:2: error: 101 columns: at most 100',
  ])
  expect(columnsFound(`// https://example.org/${'x'.repeat(98)}`)).toEqual([])
})

function linesFound(path: string, lines: number) {
  return fileLength([sourceOf(path, 'work()\n'.repeat(lines))])
}
