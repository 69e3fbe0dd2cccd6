import { cyclesOf, type Graph } from './graph.ts'
import type { Check, Source } from './source.ts'

/** Files import one another without a cycle, imports of types included. */
export const fileCycles: Check = (sources) =>
  report(
    importGraph(sources, (path) => path),
    'files',
  )

/**
 * Folders too, so that a folder can be read from its leaves up. A file next to folders, such as
 * `run.ts`, is its own node. Tests may import across, since they wire real parts.
 */
export const folderCycles: Check = (sources) => {
  const shipped = sources.filter((each) => !each.isTest)
  const parents = new Set(shipped.map(({ folder }) => folderOf(folder)))
  const nodeOf = (path: string) => (parents.has(folderOf(path)) ? path : folderOf(path))
  return report(importGraph(shipped, nodeOf), 'folders')
}

function importGraph(sources: readonly Source[], nodeOf: (path: string) => string): Graph {
  const graph = new Map<string, Set<string>>()
  for (const source of sources) {
    const node = nodeOf(source.path)
    const targets = graph.get(node) ?? new Set<string>()
    graph.set(node, targets)
    for (const { target, isOurs, kind } of source.imports) {
      // A file that is started by name is another process: it need not be read first.
      if (isOurs && kind === 'import' && nodeOf(target) !== node) targets.add(nodeOf(target))
    }
  }
  return graph
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
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
