import fs from 'node:fs'
import path from 'node:path'
import { type BindingPattern, type ParamPattern, Visitor } from 'oxc-parser'
import { type Check, finding, listFiles, projectRoot, type Source } from './source.ts'

/** Homely words and the term of the trade to use instead. */
const terms: readonly (readonly [word: RegExp, term: string, where?: RegExp])[] = [
  [/\b[dD]oors?\b|(?<=[a-z])Doors?(?![a-z])/, 'route or API'],
  [/\b[hH]ouses?\b|(?<!Click)Houses?(?![a-z])/, 'installation, or rules of this project'],
  [
    /\b(taken|the) letters?\b(?! case)|(?<![dD]ead)Letters?(?![a-z])|\bletters?(Taken|Told)/,
    'dead letter',
  ],
  [/\b[bB]ook(s|ed)?\b|Books?(?![a-z])/, 'ingest counters, count, or what is kept'],
  [/\bspoilt\b/i, 'malformed or damaged'],
  [/\bsayings?\b/i, 'what it is'],
  [/\b(const|let) (nobody|everybody)\b/, 'what the value is'],
  [/\bworkings\b/, 'committed inputs'],
  [/\bforet(ell|old)/, 'preview'],
  [/\bnursery\b/, 'process group'],
  [/\bchain words?\b/, 'evidence'],
  [/\boff.?[gG]rid(?![a-z])/, 'misaligned'],
  [/\bnews\b|\bnews[A-Z]|News(?![a-z])/, 'updates'],
  [/\b[tT]old\b|Told(?![a-z])/, 'notified, or what happens in plain words'],
  [/(\/\*\*|\/\/) (Of|Whom?|Whose|(In|By|At|On|With|For|To) which)\b/, 'what it is, then whose'],
  [/\bmark_?ms\b|markedMs\b|\btheMark\b/i, 'high-water mark'],
  [
    /(?<!high-water )\b([tT]he|[aA]|[lL]ater|[eE]arlier|[tT]his|[tT]hat) marks?\b/,
    'high-water mark',
  ],
  // The pages are a prosumer's, and the demo replays real homes.
  [/\b[hH]omes?\b|Homes?(?![a-z])/, 'site', /^(schemas|speed|batch)\//],
]

/** All that is written for readers beside the rooms; names of packages are not our words. */
export function listDocuments(): string[] {
  const beside = (folder: string) =>
    fs
      .readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((each) => path.posix.join(folder, each))
  const top = fs.readdirSync(projectRoot)
  return [...top, ...beside('docs')].filter((each) => /\.md$/.test(each) && each !== licences)
}

const licences = 'docs/licences.md'

/** This file and its test contain the homely words. */
const skipped = /^deploy\/tidy\/words/

/** Names, comments, queries, contracts, styles and documents use the words of the trade. */
export const words: Check = (sources) => [
  ...sources.flatMap(({ path, lines }) => (skipped.test(path) ? [] : homely(path, lines))),
  ...[...listDocuments(), ...listFiles(/\/README\.md$|\.(sql|sol|css)$/)].flatMap((each) =>
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

/**
 * A settlement's number is `period` in the ABI and on the wire, and nowhere else: no variable or
 * parameter is called that.
 */
export const settlementNumbers: Check = (sources) => sources.flatMap(periodsIn)

function periodsIn(source: Source): string[] {
  const found: string[] = []
  const check = (pattern: BindingPattern | ParamPattern) => {
    for (const { name, start } of namesIn(pattern)) {
      if (/^(settlement|by|of)?[pP]eriods?$/.test(name))
        found.push(finding(source, start, 'say settlementNumber'))
    }
  }
  const checkAll = ({ params }: { readonly params: readonly ParamPattern[] }) => {
    params.forEach(check)
  }
  new Visitor({
    VariableDeclarator: ({ id }) => check(id),
    FunctionDeclaration: checkAll,
    FunctionExpression: checkAll,
    ArrowFunctionExpression: checkAll,
    TSMethodSignature: checkAll,
    TSFunctionType: checkAll,
  }).visit(source.program)
  return found
}

type Named = { readonly name: string; readonly start: number }

/** The variables that a pattern declares. */
function namesIn(pattern: BindingPattern | ParamPattern): Named[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) =>
        namesIn(each.type === 'RestElement' ? each.argument : each.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) =>
        each === null ? [] : namesIn(each.type === 'RestElement' ? each.argument : each),
      )
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'TSParameterProperty':
      return []
  }
}
