import path from 'node:path'
import {
  type ImportExpression,
  type ParseResult,
  type VariableDeclarator,
  Visitor,
} from 'oxc-parser'

/** One import, re-export or reference of another file or package. */
export type Import = {
  /** A path of the project such as `speed/run.ts`, or a package such as `pg` or `node:fs`. */
  readonly target: string
  readonly isOurs: boolean
  /** The exported names it takes; `all` for a namespace or a file that is started by its name. */
  readonly names: readonly string[] | 'all'
  /** `file`: a worker, a child process or a bundle's entry, named by a string. */
  readonly kind: 'import' | 'file'
  readonly offset: number
}

export type Export = { readonly name: string; readonly offset: number }

/** Static, dynamic and type imports, re-exports, and source files named in strings. */
export function readImports(from: string, parsed: ParseResult): Import[] {
  const target = (specifier: string) => targetOf(from, specifier)
  const statics = parsed.module.staticImports.map(
    ({ moduleRequest, entries, start }): Import => ({
      ...target(moduleRequest.value),
      names: namesOf(entries.map((each) => each.importName)),
      kind: 'import',
      offset: start,
    }),
  )
  const reexports = parsed.module.staticExports.flatMap(({ entries, start }) =>
    entries.flatMap(({ moduleRequest, importName }): Import[] =>
      moduleRequest
        ? [
            {
              ...target(moduleRequest.value),
              names: namesOf([importName]),
              kind: 'import',
              offset: start,
            },
          ]
        : [],
    ),
  )
  return [...statics, ...reexports, ...readExpressions(from, parsed)]
}

export function readExports(parsed: ParseResult): Export[] {
  return parsed.module.staticExports.flatMap(({ entries }) =>
    entries.map(({ exportName, start }) => ({
      name: exportName.kind === 'Default' ? 'default' : (exportName.name ?? '*'),
      offset: exportName.start ?? start,
    })),
  )
}

/** `import('…')` as value and as type, and strings that name a source file. */
function readExpressions(from: string, parsed: ParseResult): Import[] {
  const found: Import[] = []
  const taken = new Map<ImportExpression, readonly string[]>()
  const specifiers = specifierOffsets(parsed)
  new Visitor({
    VariableDeclarator(node) {
      const expression = awaitedImport(node)
      if (expression && node.id.type === 'ObjectPattern') {
        const keys = node.id.properties.map((each) =>
          each.type === 'Property' && each.key.type === 'Identifier' ? each.key.name : '*',
        )
        taken.set(expression, keys)
      }
    },
    ImportExpression(node) {
      if (node.source.type !== 'Literal') return
      const names = taken.get(node) ?? ('all' as const)
      const target = targetOf(from, String(node.source.value))
      found.push({ ...target, names, kind: 'import', offset: node.start })
    },
    TSImportType(node) {
      const { type, ...qualifier } = node.qualifier ?? { type: 'none' }
      const names = type === 'Identifier' && 'name' in qualifier ? [qualifier.name] : 'all'
      const target = targetOf(from, node.source.value)
      specifiers.add(node.source.start)
      found.push({
        ...target,
        names: names as string[] | 'all',
        kind: 'import',
        offset: node.start,
      })
    },
    Literal(node) {
      if (typeof node.value !== 'string' || !/^[\w./-]+\.(tsx?|mjs)$/.test(node.value)) return
      if (specifiers.has(node.start)) return
      const file = path.posix.join(path.posix.dirname(from), node.value)
      found.push({ target: file, isOurs: true, names: 'all', kind: 'file', offset: node.start })
    },
  }).visit(parsed.program)
  return found
}

/** Positions of import paths: these strings are not counted as further mentions of the file. */
function specifierOffsets({ module }: ParseResult): Set<number> {
  const requests = [
    ...module.staticImports.map((each) => each.moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.map((each) => each.moduleRequest)),
    ...module.dynamicImports.map((each) => each.moduleRequest),
  ]
  return new Set(requests.flatMap((each) => (each ? [each.start] : [])))
}

function awaitedImport({ init }: VariableDeclarator): ImportExpression | null {
  const awaited = init?.type === 'AwaitExpression' ? init.argument : init
  return awaited?.type === 'ImportExpression' ? awaited : null
}

function targetOf(from: string, specifier: string): Pick<Import, 'target' | 'isOurs'> {
  if (!specifier.startsWith('.')) return { target: specifier, isOurs: false }
  return { target: path.posix.join(path.posix.dirname(from), specifier), isOurs: true }
}

type Name = { readonly kind: string; readonly name: string | null }

function namesOf(names: readonly Name[]): readonly string[] | 'all' {
  if (names.some(({ kind }) => kind === 'NamespaceObject' || kind.startsWith('All'))) return 'all'
  return names.map(({ kind, name }) => (kind === 'Default' ? 'default' : (name ?? '*')))
}
