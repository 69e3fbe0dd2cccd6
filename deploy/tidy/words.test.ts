import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'
import { listDocuments, settlementNumbers, words } from './words.ts'

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
  'const news = 1',
  '// The subscriber is told.',
  'const markMs = 1',
  '// Rows before the mark.',
  'const openHouse = 1',
  'const House = 1',
  '// Books balance.',
  'type BookEntry = 1',
  'const registerBook = 1',
  '// It is kept in the book.',
  'const allDoors = 1',
  'const offGridReading = 1',
  'const theMark = 1',
  'const markedMs = 1',
  'const letterTaken = 1',
  '// 120 readings are spoilt.',
  'const sayings = 1',
  'const nobody = zeroAddress',
  '/** Of the rows of the file. */',
  '/** In which the meter was exchanged. */',
])('found: %s', (text) => {
  expect(found(text)).toHaveLength(1)
})

test.each([
  '// Dead letters by reason, in ClickHouse or another warehouse.',
  'const deadLetters = 1',
  '// Rows before the high-water mark, up to the watermark.',
  '// Nobody waits for it; everybody has read it.',
  'export class DeadLetterGone {}',
  '// Officers read on which day it was.',
])('not found: %s', (text) => {
  expect(found(text)).toEqual([])
})

test('documents are checked too, at the top and in docs', () => {
  const documents = [
    'CHANGELOG.md',
    'LIMITS.md',
    'README.md',
    'docs/soak.md',
    'docs/pages/README.md',
  ]
  expect(listDocuments()).toEqual(expect.arrayContaining(documents))
  expect(listDocuments()).not.toContain('docs/licences.md')
})

test('prosumer pages and the demo have homes', () => {
  const text = 'const homes = 52'
  expect(words([sourceOf('serving/pages/screens/Home.tsx', text)])).toEqual([])
  expect(words([sourceOf('batch/run.ts', text)])).toEqual(['batch/run.ts:1: error: say site'])
})

test.each([
  'const period = 1',
  'const settlementPeriod = 1',
  'const byPeriod = 1',
  'const { a: [period = 2] } = b',
  'const read = ({ period }: Row) => 1',
  'type Reader = { of(period: number): void }',
])('a settlement number is not called %s', (text) => {
  expect(settlementNumbers([sourceOf('serving/example.ts', text)])).toHaveLength(1)
})

test('the field of the wire is', () => {
  const text = 'const { period: settlementNumber } = row'
  expect(settlementNumbers([sourceOf('serving/example.ts', text)])).toEqual([])
})
