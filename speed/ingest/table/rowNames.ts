import type { Look } from './cellLook.ts'

type Row = { readonly line: number; readonly cells: readonly string[] }

export type WithRowNamesParameters = {
  readonly header: Row
  readonly rows: readonly Row[]
  /** What the cells of each column look like. */
  readonly columns: readonly Look[]
}

/**
 * The header of a table whose rows begin with their names, which have no name themselves, as R
 * writes it (`write.table` with row names): one cell fewer than each row. A row without a name has
 * its number; those of a part of a table are some of these numbers, and others are texts.
 *
 * Names other than 1, 2, 3 … are believed where nothing else explains the cell too many.
 */
export function withRowNames(parameters: WithRowNamesParameters): readonly string[] {
  const { header, rows } = parameters
  const { cells } = header
  const below = rows.filter(({ line }) => line > header.line)
  const isLonger = below.every((row) => row.cells.length === cells.length + 1)
  if (below.length === 0 || !isLonger) return cells
  const isNumbered = below.every((row, at) => row.cells[0]?.trim() === String(at + 1))
  return isNumbered || areNames(below, parameters) ? ['', ...cells] : cells
}

/**
 * In R no two rows have one name. Those of columns must say where the times are with row names,
 * and not without: a cell too many at the end of each row (a comma within a number, a flag without
 * a name) leaves the names in front of it where they are.
 */
function areNames(below: readonly Row[], { header, columns }: WithRowNamesParameters): boolean {
  const names = new Set(below.map(({ cells }) => cells[0]!.trim()))
  const stamp = columns.indexOf('stamp')
  if (names.has('') || names.size < below.length || stamp < 1) return false
  const named = (shift: number) => {
    const over = (at: number) => header.cells[at - shift] ?? ''
    return columns.filter((look, at) => look === 'stamp' && ofTime.test(over(at))).length
  }
  return named(1) > named(0) && !hasCommaWithin(below, stamp)
}

/** Whether two neighbours before a column are digits in every row: `0,5` is one number, or two. */
function hasCommaWithin(below: readonly Row[], before: number): boolean {
  const areDigits = (at: number) => below.every(({ cells }) => /^-?\d+$/.test(cells[at]!.trim()))
  for (let at = 0; at + 1 < before; at++) if (areDigits(at) && areDigits(at + 1)) return true
  return false
}

const ofTime = new RegExp(
  String.raw`^(\w*[ ._-])?(dat|time|stamp|start|begin|from|end|day|hour|utc|` +
    'uhr|von|fecha|inicio|hor|heure|debut)',
  'i',
)
