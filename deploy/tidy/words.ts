import fs from 'node:fs'
import path from 'node:path'
import { type Check, listFiles, projectRoot } from './source.ts'

/** Homely words and the term of the trade to use instead. */
const terms: readonly (readonly [word: RegExp, term: string, where?: RegExp])[] = [
  [/\bdoors?\b|Door(?![a-z])/, 'route or API'],
  [/\bhouses?\b/, 'installation, or rules of this project'],
  [/\b(taken|the) letters?\b(?! case)|(?<![dD]ead)Letters?(?![a-z])/, 'dead letter'],
  [/\bbooks\b|\bbooked\b/, 'ingest counters, count'],
  [/\bworkings\b/, 'committed inputs'],
  [/\bforet(ell|old)/, 'preview'],
  [/\bnursery\b/, 'process group'],
  [/\bchain words?\b/, 'evidence'],
  [/\boff.grid\b/, 'misaligned'],
  // The pages are a prosumer's, and the demo replays real homes.
  [/\b[hH]omes?\b|Homes?(?![a-z])/, 'site', /^(schemas|speed|batch)\//],
]

const documents = ['README.md', 'LIMITS.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** This file and its test contain the homely words. */
const skipped = /^deploy\/tidy\/words/

/** Names, comments and documents use the words of the trade. */
export const words: Check = (sources) => [
  ...sources.flatMap(({ path, lines }) => (skipped.test(path) ? [] : homely(path, lines))),
  ...[...documents, ...listFiles(/\/README\.md$/)].flatMap((each) =>
    homely(each, fs.readFileSync(path.join(projectRoot, each), 'utf8').split('\n')),
  ),
]

function homely(path: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, index) =>
    terms
      .filter(([word, , where]) => word.test(line) && (where?.test(path) ?? true))
      .map(([, term]) => `${path}:${index + 1}: error: say ${term}`),
  )
}
