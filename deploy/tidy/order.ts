import fs from 'node:fs'
import path from 'node:path'
import { type Check, finding, projectRoot, type Source } from './source.ts'

const orderColumn = 'imports of ours'

/**
 * A layer whose README has a table with a column `imports of ours` lists its folders in order: a
 * folder imports only those of the rows above it. Tests may import across, since they wire real
 * parts.
 */
export const documentedOrder: Check = (sources) => {
  const layers = [...new Set(sources.map(({ room }) => room))]
  return layers.flatMap((layer) => {
    const readme = path.join(projectRoot, layer, 'README.md')
    const text = fs.existsSync(readme) ? fs.readFileSync(readme, 'utf8') : ''
    return againstOrder(sources, layer, foldersInOrder(text))
  })
}

/** The folders of the first such table, from its top down; none without one. */
export function foldersInOrder(readme: string): string[] {
  const lines = readme.split('\n')
  const head = lines.findIndex((line) => line.startsWith('|') && line.includes(orderColumn))
  if (head < 0) return []
  const after = lines.slice(head + 1)
  const end = after.findIndex((line) => !line.startsWith('|'))
  const rows = end < 0 ? after : after.slice(0, end)
  return rows.flatMap((row) => /^\|\s*`([\w-]+)\/`/.exec(row)?.[1] ?? [])
}

/** Imports of a folder by one that the order has before it. */
export function againstOrder(
  sources: readonly Source[],
  layer: string,
  order: readonly string[],
): string[] {
  const placeOf = (file: string) => {
    const [room, folder = ''] = file.split('/')
    return room === layer ? order.indexOf(folder) : -1
  }
  return sources.flatMap((source) => {
    const place = placeOf(source.path)
    if (place < 0 || source.isTest) return []
    return source.imports
      .filter(({ isOurs, target }) => isOurs && placeOf(target) > place)
      .map(({ target, offset }) =>
        finding(source, offset, `${layer}/README.md has ${target} below ${order[place]}/`),
      )
  })
}
