import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'

const read = (name: string) => readFileSync(path.join(projectRoot, name), 'utf8')
const block = read('README.md').match(/\$ npm run demo -- --once\n([\s\S]*?)\n```/)?.[1] ?? ''
/** A line of the summary is broken where it is too long for the page. */
const shown = block.replace(/\n {6}/g, ' ').split('\n')

/** What the demo says, as patterns: where a template has a value, whatever stands there. */
const patterns = ['demo', 'describeSummary']
  .map((name) => `deploy/simulate/${name}.ts`)
  .flatMap((name) => {
    const joined = read(name)
      .replace(/` \+\s*`/g, '')
      .replace(/\$\{[^}]*\}/g, '\u0000')
    return [...joined.matchAll(/`([^`\n]*)`/g)].map(([, text = '']) => {
      const words = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return new RegExp(`^${words.replaceAll('\u0000', '.+')}$`)
    })
  })
const worded = patterns.filter(({ source }) => /[a-z]{3}/.test(source))

test('the README shows a demo', () => {
  expect(shown.length).toBeGreaterThan(10)
})

test.each(shown.filter((line) => !line.startsWith('Seconds: ')))('the demo says: %s', (line) => {
  expect(worded.some((pattern) => pattern.test(line))).toBe(true)
})
