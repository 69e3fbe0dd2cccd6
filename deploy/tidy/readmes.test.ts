import { expect, test } from 'vitest'
import { gone, unnamed } from './readmes.ts'

const file = 'speed/README.md'
const files = ['speed/README.md', 'speed/run.ts', 'speed/run.test.ts', 'speed/api/one.ts']

test('a README with a table names every file and folder beside it', () => {
  const named = '| | |\n|---|---|\n| `run.ts` | the loop |\n| `api/` | the routes |\n'
  expect(unnamed({ file, text: named }, files)).toEqual([])
  expect(unnamed({ file, text: named }, [...files, 'speed/publish/two.ts'])).toEqual([
    'speed/README.md:1: error: does not name publish',
  ])
  // Without a table it explains the folder in prose.
  expect(unnamed({ file, text: 'The speed layer.' }, files)).toEqual([])
})

test('a README names no source that is gone', () => {
  expect(gone({ file, text: '`run.ts`, `speed/api/one.ts`, `../speed/run.ts`' }, files)).toEqual([])
  expect(gone({ file, text: '`two.ts` and `NAME.ts`' }, files)).toEqual([
    'speed/README.md:1: error: names two.ts, which does not exist',
  ])
})
