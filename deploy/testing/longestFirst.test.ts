import { expect, test } from 'vitest'
import { listFastFiles } from './fastFiles.ts'
import { longFiles } from './longestFirst.ts'

const { alone, shared } = listFastFiles()

test('every long file is a test', () => {
  expect(longFiles.filter((each) => ![...alone, ...shared].includes(each))).toEqual([])
})

test('what changes its process has one to itself; engines are processes of their own', () => {
  expect(alone).toContain('deploy/process/runtime.test.ts')
  expect(shared).toContain('deploy/e2e/demo.test.ts')
  expect(shared).toContain('schemas/hash.test.ts')
})
