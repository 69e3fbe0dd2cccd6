import { Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/**
 * No note to fix something later is merged; output goes to a logger or a stream, not the console.
 */
export const leftovers: Check = (sources) =>
  sources.flatMap((source) => [...notesOf(source), ...consoleCallsOf(source)])

function notesOf({ path, lines }: Source): string[] {
  return lines.flatMap((line, index) =>
    /\/\/.*\b(FIXME|TODO)\b|^\s*\/?\*.*\b(FIXME|TODO)\b/.test(line)
      ? [`${path}:${index + 1}: error: fix it before it is merged`]
      : [],
  )
}

function consoleCallsOf(source: Source): string[] {
  const found: string[] = []
  new Visitor({
    MemberExpression({ object, property, start }) {
      if (object.type !== 'Identifier' || object.name !== 'console') return
      if (property.type !== 'Identifier' || property.name !== 'log') return
      found.push(finding(source, start, 'console.log: write to a logger or the stream you mean'))
    },
  }).visit(source.program)
  return found
}
