import fs from 'node:fs'
import path from 'node:path'
import { Visitor } from 'oxc-parser'
import { type Check, finding, listTexts, projectRoot, type Source } from './source.ts'

/**
 * No note to fix something later is merged; output goes to a logger or a stream, not the console.
 */
export const leftovers: Check = (sources) =>
  sources.flatMap((source) => [...notesOf(source), ...consoleCallsOf(source)])

/** Nothing is left of a merge: Git takes a text with its markers, and no compiler reads it. */
export const merged: Check = () =>
  listTexts().flatMap((file) => {
    return markersOf({ file, text: fs.readFileSync(path.join(projectRoot, file), 'utf8') })
  })

/** Lines that a merge in conflict wrote into a text. */
export function markersOf({ file, text }: { file: string; text: string }): string[] {
  return text.split('\n').flatMap((line, index) => {
    return /^(<{7}|>{7}|\|{7}) /.test(line) ? [`${file}:${index + 1}: error: finish the merge`] : []
  })
}

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
