import fs from 'node:fs'
import path from 'node:path'
import { type ParseResult, parseSync } from 'oxc-parser'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { type Export, type Import, readExports, readImports } from './modules.ts'

/** One file as every check sees it. Paths are relative to the project, with forward slashes. */
export type Source = {
  readonly path: string
  /** First part of the path, such as `speed`. */
  readonly room: string
  readonly folder: string
  /** Tests and benches, and what only they use: `testing` folders, `deploy/bench` and the like. */
  readonly isTest: boolean
  readonly lines: readonly string[]
  readonly program: ParseResult['program']
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  /** The line of an offset, counted from 1. */
  readonly lineAt: (offset: number) => number
}

/** One rule: returns its violations as `path:line: error: what to do instead`. */
export type Check = (sources: readonly Source[]) => string[]

export const projectRoot = path.resolve(import.meta.dirname, '../..')
export const rooms = ['schemas', 'speed', 'batch', 'serving', 'contracts', 'deploy']

/** Every TypeScript and JavaScript file of the project, parsed. */
export function readSources(): Source[] {
  return listFiles(/\.(tsx?|mjs)$/).map((each) =>
    sourceOf(each, fs.readFileSync(path.join(projectRoot, each), 'utf8')),
  )
}

/** The files of all folders with a matching name. */
export function listFiles(name: RegExp): string[] {
  return rooms.flatMap(listFolder).filter((each) => name.test(each))
}

/** Documents, SQL, styles and pages: what is read by people and by no compiler of ours. */
export function listTexts(): string[] {
  const texts = /\.(md|sql|css|html|json|proto|sol|yml)$/
  const here = fs.readdirSync(projectRoot).filter((each) => texts.test(each))
  return [...here, ...listFolder('docs').filter((each) => texts.test(each)), ...listFiles(texts)]
}

export function sourceOf(file: string, text: string): Source {
  const parsed = parseSync(file, text)
  if (parsed.errors[0]) throw new InvariantError(`${file}: ${parsed.errors[0].message}`)
  return {
    path: file,
    room: file.split('/')[0] ?? '',
    folder: path.posix.dirname(file),
    isTest: /\.(test|bench)\.tsx?$|\/testing\/|^schemas\/conformance\/|^deploy\/(bench|e2e)\//.test(
      file,
    ),
    lines: text.replace(/\n$/, '').split('\n'),
    program: parsed.program,
    imports: readImports(file, parsed),
    exports: readExports(parsed),
    lineAt: (offset) => text.slice(0, offset).split('\n').length,
  }
}

export function finding(source: Source, offset: number, advice: string): string {
  return `${source.path}:${source.lineAt(offset)}: error: ${advice}`
}

function listFolder(folder: string): string[] {
  return fs.readdirSync(path.join(projectRoot, folder), { withFileTypes: true }).flatMap((each) => {
    const relative = `${folder}/${each.name}`
    if (!each.isDirectory()) return [relative]
    // Forge's output is not ours.
    return ['node_modules', 'out', 'cache'].includes(each.name) ? [] : listFolder(relative)
  })
}
