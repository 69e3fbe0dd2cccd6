import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checks } from './tidy/checks.ts'
import { projectRoot, readSources } from './tidy/source.ts'
import { longStyles, readStyles } from './tidy/styles.ts'

/**
 * The rules of this project, as a test: `path:line: error: what to do instead`. See
 * `tidy/README.md`.
 */
const sources = readSources()

test('there are sources to check', () => {
  expect(sources.length).toBeGreaterThan(400)
})

test.each(Object.entries(checks))('%s', (_, check) => {
  expect(check(sources)).toEqual([])
})

test('style sheets are short', () => {
  const styles = readStyles()
  expect(styles.length).toBeGreaterThan(5)
  expect(longStyles(styles)).toEqual([])
})

/** What the compiler found out before: without changes it takes a quarter of the time. */
const kept = ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types.tsbuildinfo']

test.each([
  ['Biome finds nothing', 'biome', ['check', '.']],
  ['types hold', 'tsc', ['--noEmit', ...kept]],
])(
  '%s',
  (_, tool, args) => {
    const binary = path.join(projectRoot, 'node_modules/.bin', tool)
    expect(() => execFileSync(binary, args, { cwd: projectRoot, encoding: 'utf8' })).not.toThrow()
    // A busy machine takes minutes, and a timeout says nothing about the code.
  },
  300_000,
)
