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
  'const readLetters = 1',
  'const rowsOfHome = 1',
])('found: %s', (text) => {
  expect(found(text)).toHaveLength(1)
})

test.each([
  '// Dead letters by reason, in ClickHouse or another warehouse.',
  'const deadLetters = 1',
  'export class DeadLetterGone {}',
])('not found: %s', (text) => {
  expect(found(text)).toEqual([])
})

test('prosumer pages and the demo have homes', () => {
  const text = 'const homes = 52'
  expect(words([sourceOf('serving/pages/screens/Home.tsx', text)])).toEqual([])
  expect(words([sourceOf('batch/run.ts', text)])).toEqual(['batch/run.ts:1: error: say site'])
})
