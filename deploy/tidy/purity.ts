import { builtinModules } from 'node:module'
import { asksOutside } from './outside.ts'
import { type Check, finding, type Source } from './source.ts'

/**
 * Values in, values out: the formulas of the project. Code that calls a port, keeps a file or waits
 * is a process and belongs elsewhere.
 */
export const pureFolders = [
  'schemas',
  'schemas/baseline',
  'schemas/deviation',
  'schemas/errors',
  'schemas/sql',
  'schemas/sql/catalogue',
  'schemas/tree',
  'speed/deviation',
  'speed/ingest',
  'speed/microbatch',
  'batch/backtest',
  'batch/history',
  'batch/training',
  'serving/merge',
  'serving/settlement',
  'serving/shapes',
]

/** The Node modules a pure file may import: bytes and their hashes. */
const pureBuiltins = ['buffer', 'crypto', 'util', 'zlib', 'assert', 'url', 'path']
const impure = builtinModules.filter((each) => !pureBuiltins.includes(each.split('/')[0] ?? ''))

/**
 * A pure folder imports no port and no impure folder, no Node module with side effects,
 * and uses neither time nor randomness nor the environment.
 */
export const purity: Check = (sources) =>
  sources
    .filter((each) => pureFolders.includes(each.folder) && !each.isTest)
    .flatMap((source) => [...impureImports(source), ...askings(source)])

/** A listed folder that no longer exists would check nothing. */
export const pureFoldersExist: Check = (sources) => {
  const folders = new Set(sources.map((each) => each.folder))
  return pureFolders
    .filter((each) => !folders.has(each))
    .map((each) => `${each}:1: error: is declared pure in deploy/tidy/purity.ts and does not exist`)
}

function impureImports(source: Source): string[] {
  return source.imports.flatMap(({ target, isOurs, offset }) => {
    const folder = target.slice(0, target.lastIndexOf('/'))
    const isWrong = isOurs
      ? !pureFolders.includes(folder)
      : impure.includes(target.replace(/^node:/, ''))
    return isWrong ? [finding(source, offset, `a pure folder imports ${target}`)] : []
  })
}

function askings(source: Source): string[] {
  return asksOutside(source).map(({ what, offset }) =>
    finding(source, offset, `a pure folder asks ${what}`),
  )
}
