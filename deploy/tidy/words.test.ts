import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'
import { words } from './words.ts'

const found = (text: string) =>
  words([sourceOf('speed/example.ts', text)]).filter((each) => each.startsWith('speed/example.ts'))

test.each([
  '// Refused at the door.',
  'const readingsDoor = 1',
  '// The clock of the house.',
  '// Checks the letters again.',
  '// The books balance.',
])('found: %s', (text) => {
  expect(found(text)).toHaveLength(1)
})

test.each([
  '// Dead letters by reason, in ClickHouse or another warehouse.',
  'const deadLetters = 1',
])('not found: %s', (text) => {
  expect(found(text)).toEqual([])
})
