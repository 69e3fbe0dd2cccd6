import { expect, test } from 'vitest'
import { functionLength } from './functionLength.ts'
import { sourceOf } from './source.ts'

const body = (lines: number) => 'work()\n'.repeat(lines)

test('a function of 71 lines is long, however it is written', () => {
  const forms = [
    `function long() {\n${body(69)}}`,
    `const long = () => {\n${body(69)}}`,
    `class One { long() {\n${body(69)}} }`,
    `const one = { long() {\n${body(69)}} }`,
  ]
  for (const form of forms) {
    expect(found('speed/one.ts', form)).toEqual([
      expect.stringMatching(/^speed\/one.ts:1: error: function of 71 lines/),
    ])
    expect(found('speed/one.ts', form.replace('work()\n', ''))).toEqual([])
  }
})

test('a signature that wraps counts', () => {
  // 1 + 2 + 1 lines of signature, 66 of body, 1 brace.
  const signature = 'async function long(\n  one: number,\n  two: number,\n): Promise<void> {\n'
  const wrapped = `${signature}${body(66)}}`
  expect(found('speed/one.ts', wrapped)).toHaveLength(1)
})

test('a function that only collects tests is measured test by test', () => {
  const fine = `describe('all', () => {\n${`test('one', () => {\n${body(40)}})\n`.repeat(3)}})`
  expect(found('speed/one.test.ts', fine)).toEqual([])
  const long = `describe('all', () => {\ntest('one', () => {\n${body(70)}})\n})`
  expect(found('speed/one.test.ts', long)).toEqual([
    'speed/one.test.ts:2: error: function of 72 lines: at most 70',
  ])
})

function found(path: string, text: string) {
  return functionLength([sourceOf(path, text)])
}
