import { Visitor } from 'oxc-parser'
import { type Graph, reachableFrom } from './graph.ts'
import { type Check, finding, type Source } from './source.ts'

/** Where a run begins: the command line, what forge or vitest starts, and a person by hand. */
const entries = [
  'deploy/wattproof.mjs',
  'deploy/bench/main.ts',
  'deploy/tidy/main.ts',
  'deploy/licences/main.ts',
  'deploy/kernel/main.ts',
  'deploy/soak/files.ts',
  'deploy/soak/multiplyRuns.ts',
  'deploy/soak/reporter.ts',
  'deploy/simulate/cutExcerpt.ts',
  'deploy/simulate/cutFontana.ts',
  'deploy/testing/longestFirst.ts',
  'deploy/testing/memoryFolder.ts',
  'contracts/script/forge.mjs',
  'contracts/script/abi.mjs',
  'contracts/script/solc.mjs',
]

/**
 * Every file is reached from an entry, by imports or by being started by its name. A file that only
 * tests reach belongs in a test, in a `testing` folder, in `schemas/conformance`
 * or in `deploy/bench`.
 */
export const orphans: Check = (sources) => {
  const graph: Graph = new Map(
    sources.map((each) => [each.path, new Set(each.imports.map(({ target }) => target))]),
  )
  const shipped = reachableFrom(entries, graph)
  const tests = sources.filter(({ path }) => /\.(test|bench)\.tsx?$/.test(path))
  const tested = reachableFrom(
    tests.map((each) => each.path),
    graph,
  )
  return sources.flatMap(({ path, isTest }) => {
    if (shipped.has(path) || (isTest && tested.has(path))) return []
    return [`${path}:1: error: ${tested.has(path) ? 'only tests use it' : 'nobody imports it'}`]
  })
}

/**
 * An exported name is imported somewhere, unless a run begins at its file; otherwise it should
 * not be exported. A type that an exported signature of the same file mentions, such as its
 * parameters, belongs to that signature.
 */
export const unusedExports: Check = (sources) => {
  const used = new Set<string>()
  for (const { imports } of sources) {
    for (const { target, names } of imports) {
      for (const name of names === 'all' ? ['*'] : names) used.add(`${target} ${name}`)
    }
  }
  return sources.flatMap((source) => {
    if (used.has(`${source.path} *`) || entries.includes(source.path)) return []
    const spoken = typesOfSignatures(source)
    return source.exports
      .filter(({ name }) => !used.has(`${source.path} ${name}`) && !spoken.has(name))
      .map(({ name, offset }) => finding(source, offset, `nobody imports ${name}`))
  })
}

function typesOfSignatures(source: Source): Set<string> {
  const found = new Set<string>()
  let depth = 0
  new Visitor({
    ExportNamedDeclaration: () => {
      depth += 1
    },
    'ExportNamedDeclaration:exit': () => {
      depth -= 1
    },
    TSTypeReference({ typeName }) {
      if (depth > 0 && typeName.type === 'Identifier') found.add(typeName.name)
    },
  }).visit(source.program)
  return found
}
