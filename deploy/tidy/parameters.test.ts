import { expect, test } from 'vitest'
import { parameters } from './parameters.ts'
import { sourceOf } from './source.ts'

test.each([
  'function many(a: 1, b: 2, c: 3, d: 4) {}',
  'const many = (a: 1, b: 2, c: 3, d = 4) => a',
  'class One { many(a: 1, b: 2, c: 3, ...d: 4[]) {} }',
  'type Many = (a: 1, b: 2, c: 3, d: 4) => void',
  'type One = { many(a: 1, b: 2, c: 3, d: 4): void }',
  'type One = { (a: 1, b: 2, c: 3, d: 4): void }',
  'type One = { new (a: 1, b: 2, c: 3, d: 4): object }',
  'type One = new (a: 1, b: 2, c: 3, d: 4) => object',
  'abstract class One { abstract many(a: 1, b: 2, c: 3, d: 4): void }',
])('four are too many: %s', (text) => {
  expect(parameters([sourceOf('speed/one.ts', text)])).toEqual([
    expect.stringContaining('4 parameters: pass one object'),
  ])
  const three = text.replace(/, (\.\.\.)?d(: 4(\[\])?| = 4)/, '')
  expect(parameters([sourceOf('speed/one.ts', three)])).toEqual([])
})

test('a callback has the shape its caller requires', () => {
  const text = 'plot({ cursor: (_, __, ___, seconds) => seconds })'
  expect(parameters([sourceOf('speed/one.ts', text)])).toEqual([])
})
