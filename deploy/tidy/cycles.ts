import { cyclesOf, type Graph } from './graph.ts'
import type { Check, Source } from './source.ts'

/** Files import one another without a cycle, imports of types included. */
export const fileCycles: Check = (sources) =>
  report(
    importGraph(sources, (path) => path),
    'files',
  )

/**
 * Folders too, so that a folder can be read from its leaves up. Within each folder, its own files
 * are one node and each subfolder with all below it is another: a folder's files may import its
 * subfolders, and then no subfolder imports them. Tests may import across, since they wire real
 * parts.
 */
export const folderCycles: Check = (sources) => {
  const shipped = sources.filter((each) => !each.isTest)
  const folders = new Set(shipped.flatMap(({ folder }) => foldersAbove(folder)))
  return [...folders].flatMap((folder) =>
    report(
      importGraph(shipped, (path) => partOf(folder, path)),
      'folders',
    ),
  )
}

/** The part of a folder that a file belongs to: a subfolder, or the folder for its own files. */
function partOf(folder: string, path: string): string | null {
  if (!path.startsWith(`${folder}/`)) return null
  const end = path.indexOf('/', folder.length + 1)
  return end < 0 ? folder : path.slice(0, end)
}

/** A folder and all above it. */
function foldersAbove(folder: string): string[] {
  const parts = folder.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Files of which `nodeOf` is null are left out. */
function importGraph(sources: readonly Source[], nodeOf: (path: string) => string | null): Graph {
  const graph = new Map<string, Set<string>>()
  for (const source of sources) {
    const node = nodeOf(source.path)
    if (node === null) continue
    const targets = graph.get(node) ?? new Set<string>()
    graph.set(node, targets)
    for (const { target, isOurs, kind } of source.imports) {
      // A file that is started by name is another process: it need not be read first.
      const other = isOurs && kind === 'import' ? nodeOf(target) : null
      if (other !== null && other !== node) targets.add(other)
    }
  }
  return graph
}

function report(graph: Graph, what: string): string[] {
  return cyclesOf(graph).map((group) => {
    const edges = group.flatMap((from) =>
      [...(graph.get(from) ?? [])]
        .filter((to) => group.includes(to))
        .map((to) => `${from} → ${to}`),
    )
    return `${group[0]}:1: error: ${what} in a cycle: ${edges.join(', ')}`
  })
}
