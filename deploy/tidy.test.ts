import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checks } from './tidy/checks.ts'
import { projectRoot, readSources } from './tidy/source.ts'

/** The house rules, as a test: `path:line: error: what to do instead`. See `tidy/README.md`. */
const sources = readSources()

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(400)
})

const pending = [
  'files are short',
  'functions are short',
  'functions take three parameters or one object',
  'pure folders are pure',
  'every exported name is imported',
]
test.each(Object.entries(checks).filter(([name]) => !pending.includes(name)))('%s', (_, check) => {
  expect(check(sources)).toEqual([])
})

test.each([
  ['Biome finds nothing', 'biome', ['check', '.']],
  ['types hold', 'tsc', ['--noEmit']],
])('%s', (_, tool, args) => {
  const binary = path.join(projectRoot, 'node_modules/.bin', tool)
  expect(() => execFileSync(binary, args, { cwd: projectRoot, encoding: 'utf8' })).not.toThrow()
})
