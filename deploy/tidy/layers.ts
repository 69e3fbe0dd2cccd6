import { isBuiltin } from 'node:module'
import { Visitor } from 'oxc-parser'
import { literalText } from './modules.ts'
import { isPureBuiltin } from './outside.ts'
import { type Check, finding, type Source } from './source.ts'

/** Which layers may import which. Layers meet in the log and the views; only deploy/ wires them. */
const mayImport: Record<string, readonly string[]> = {
  schemas: ['schemas'],
  batch: ['batch', 'schemas'],
  speed: ['speed', 'schemas'],
  serving: ['serving', 'schemas', 'contracts'],
  contracts: ['contracts', 'schemas'],
  deploy: ['deploy', 'serving', 'speed', 'batch', 'schemas', 'contracts'],
}

/** Libraries that compute; all others talk to the outside or are not known yet. */
const computing: Readonly<Record<string, readonly string[]>> = {
  schemas: ['@noble/hashes', 'temporal-polyfill', 'zod'],
  batch: ['protobufjs', 'zod'],
  speed: ['chardet', 'csv-parse', 'fflate', 'iconv-lite', 'luxon', 'saxes', 'zod'],
  serving: ['@noble/curves', '@noble/hashes', 'apache-arrow', 'zod'],
  deploy: [
    ...['@noble/hashes', 'cli-progress', 'commander', 'csv-parse', 'fast-check', 'oxc-parser'],
    ...['assemblyscript', 'protobufjs', 'temporal-polyfill', 'tsx', 'vitest', 'zod'],
  ],
}
const clientRooms = /^(contracts|deploy\/(engines|embedded|e2e|testing))\/|\/(api|pages)\//
/** What tests of a layer may use of deploy/: real engines, and what starts and wires them. */
const openToTests = /^deploy\/(engines|testing)\//
/** Builds the program, so the bundler is its library. */
const bundler = 'deploy/bundle.mjs'

/**
 * Layers import only lower layers and, of packages and Node's modules, only those that compute.
 * Tests of a layer may open real engines and use any library; a test that needs two layers is one
 * of the whole system.
 */
export const layers: Check = (sources) => sources.flatMap(wrongImports)

/** Production code does not import test code. */
export const testingStaysOut: Check = (sources) => {
  const forTests = new Set(sources.filter((each) => each.isTest).map((each) => each.path))
  return sources
    .filter((each) => !each.isTest)
    .flatMap((source) =>
      source.imports
        .filter((each) => forTests.has(each.target))
        .map((each) => finding(source, each.offset, `${each.target} is for tests only`)),
    )
}

/** Only deploy/ imports what is named at run time: no check could see what a layer imports so. */
export const importsAreNamed: Check = (sources) => {
  return sources
    .filter(({ isTest, room }) => !isTest && room !== 'deploy')
    .flatMap((source) => {
      const found: string[] = []
      new Visitor({
        ImportExpression({ source: named, start }) {
          if (literalText(named) !== null) return
          found.push(finding(source, start, 'name the imported module by a literal'))
        },
      }).visit(source.program)
      return found
    })
}

function wrongImports(source: Source): string[] {
  return source.imports.flatMap(({ target, isOurs, kind, offset }) => {
    const advice = isOurs ? adviceOnOurs(source, target) : adviceOnPackage(source, target)
    return advice && kind === 'import' ? [finding(source, offset, advice)] : []
  })
}

function adviceOnOurs({ room, isTest }: Source, target: string): string | null {
  const [other = ''] = target.split('/')
  // Files in the project's root, such as package.json, may be read by all.
  if (!(other in mayImport) || mayImport[room]?.includes(other)) return null
  if (!isTest) return `${room}/ imports ${other}/`
  if (openToTests.test(target)) return null
  return `a test of ${room}/ imports ${target}: a test of several layers belongs in deploy/e2e`
}

function adviceOnPackage({ room, path, isTest }: Source, name: string): string | null {
  if (isTest || clientRooms.test(path)) return null
  // All of deploy/ may use Node: it starts processes and has the files of a run.
  const isOfNode = isBuiltin(name)
  const isGood = isOfNode ? room === 'deploy' || isPureBuiltin(name) : isComputing(room, name)
  if (isGood || (name === 'esbuild' && path === bundler)) return null
  return `${name}: only deploy/engines, api/ and pages/ touch it`
}

/** The package itself, or a file in it. */
function isComputing(room: string, name: string): boolean {
  return (computing[room] ?? []).some((each) => name === each || name.startsWith(`${each}/`))
}
