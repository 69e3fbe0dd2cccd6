import { expect, test } from 'vitest'
import { listFastFiles } from './fastFiles.ts'
import { longFiles } from './longestFirst.ts'

const { alone, shared } = listFastFiles()

test('every long file is a test', () => {
  expect(longFiles.filter((each) => ![...alone, ...shared].includes(each))).toEqual([])
})

test('what starts a process or changes its own has one to itself', () => {
  expect(alone).toContain('deploy/e2e/demo.test.ts')
  expect(shared).toContain('schemas/hash.test.ts')
})
