import path from 'node:path'
import {
  type ImportExpression,
  type Node,
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
  /** `file`: a worker, a child process or a bundle's entry, named relative to this file. */
  readonly kind: 'import' | 'file'
  readonly offset: number
}

export type Export = { readonly name: string; readonly offset: number }

/** Static, dynamic and type imports, re-exports, and source files named by a path or URL. */
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

/** `import('…')` as value and as type, and source files named relative to this one. */
function readExpressions(from: string, parsed: ParseResult): Import[] {
  const found: Import[] = []
  const taken = new Map<ImportExpression, readonly string[]>()
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
      const specifier = literalText(node.source)
      if (specifier === null) return
      const names = taken.get(node) ?? ('all' as const)
      const target = targetOf(from, specifier)
      found.push({ ...target, names, kind: 'import', offset: node.start })
    },
    TSImportType(node) {
      const { type, ...qualifier } = node.qualifier ?? { type: 'none' }
      const names = type === 'Identifier' && 'name' in qualifier ? [qualifier.name] : 'all'
      const target = targetOf(from, node.source.value)
      found.push({
        ...target,
        names: names as string[] | 'all',
        kind: 'import',
        offset: node.start,
      })
    },
    // `new URL('x.ts', import.meta.url)`
    NewExpression({ callee, arguments: [named, base], start }) {
      const isHere = callee.type === 'Identifier' && callee.name === 'URL' && isOfFile(base, 'url')
      if (isHere && named) addFile([named], start)
    },
    // `path.join(import.meta.dirname, 'x.ts')`
    CallExpression({ callee, arguments: [base, ...parts], start }) {
      const name = callee.type === 'MemberExpression' ? callee.property : callee
      const isPath = name.type === 'Identifier' && ['join', 'resolve'].includes(name.name)
      if (isPath && isOfFile(base, 'dirname')) addFile(parts, start)
    },
  }).visit(parsed.program)
  return found

  function addFile(parts: readonly Node[], offset: number) {
    const texts = parts.map((each) => (each.type === 'Literal' ? each.value : null))
    if (!texts.every((each) => typeof each === 'string')) return
    const target = path.posix.join(path.posix.dirname(from), ...texts)
    if (!/\.(tsx?|mjs)$/.test(target)) return
    found.push({ target, isOurs: true, names: 'all', kind: 'file', offset })
  }
}

/** A text without parts that are only known as it runs; null for any other expression. */
export function literalText(expression: Node): string | null {
  if (expression.type === 'Literal') return String(expression.value)
  const isWhole = expression.type === 'TemplateLiteral' && expression.expressions.length === 0
  return isWhole ? (expression.quasis[0]?.value.cooked ?? null) : null
}

/** `import.meta.url`, or another property of `import.meta`. */
function isOfFile(expression: Node | undefined, property: string): boolean {
  return (
    expression?.type === 'MemberExpression' &&
    expression.object.type === 'MetaProperty' &&
    expression.property.type === 'Identifier' &&
    expression.property.name === property
  )
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
