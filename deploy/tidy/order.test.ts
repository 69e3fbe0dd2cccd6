import { expect, test } from 'vitest'
import { againstOrder, foldersInOrder } from './order.ts'
import { sourceOf } from './source.ts'

const readme = [
  '# serving',
  '',
  '| folder | imports of ours | what |',
  '|---|---|---|',
  '| `settlement/` | | what is owed |',
  '| `store/` | settlement | what is stored |',
  '| `run.ts` | | the loop |',
  '',
  '| `merge/` | a row of another table |',
].join('\n')

test('the order is that of the table', () => {
  expect(foldersInOrder(readme)).toEqual(['settlement', 'store'])
  expect(foldersInOrder(readme.replace('imports of ours', 'what for'))).toEqual([])
})

test('a folder imports those above it, and none below', () => {
  const order = foldersInOrder(readme)
  const down = sourceOf('serving/store/one.ts', "import { a } from '../settlement/a.ts'")
  const up = sourceOf('serving/settlement/deep/a.ts', "import type { B } from '../../store/b.ts'")
  const late = sourceOf('serving/settlement/b.ts', "const { b } = await import('../store/b.ts')")
  expect(againstOrder([down], 'serving', order)).toEqual([])
  expect(againstOrder([up, late], 'serving', order)).toEqual([
    expect.stringMatching(/^serving\/settlement\/deep\/a\.ts:1: .*has serving\/store\/b\.ts below/),
    expect.stringMatching(/^serving\/settlement\/b\.ts:1: /),
  ])
})

test('tests, other layers and folders without a row are not compared', () => {
  const order = foldersInOrder(readme)
  const text = "import { b } from '../store/b.ts'"
  const files = ['serving/settlement/a.test.ts', 'speed/settlement/a.ts', 'serving/new/a.ts']
  const sources = files.map((each) => sourceOf(each, text))
  expect(againstOrder(sources, 'serving', order)).toEqual([])
})
