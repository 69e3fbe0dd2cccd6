import { counted } from '../../../schemas/errors/counted.ts'
import { nameOfDelimiter } from './shown.ts'
import type { TableRefusal, TableRow } from './table.ts'

/** A row with as many cells as the header has names, or its refusal; empty cells at the end go. */
export function fitCells(
  row: TableRow,
  header: readonly string[],
  delimiter: string | null,
): TableRow | TableRefusal {
  const { line, cells, original } = row
  if (cells.length === header.length) return row
  const isLonger = cells.length > header.length
  if (isLonger && cells.slice(header.length).every((cell) => cell.trim() === '')) {
    return { line, cells: cells.slice(0, header.length), original }
  }
  const advice =
    isLonger && delimiter !== null
      ? `quote a cell that contains a ${nameOfDelimiter(delimiter)}`
      : 'is the row cut?'
  const [given, names] = [counted(cells.length, 'cell'), counted(header.length, 'name')]
  const detail = `${given} under ${names}: ${advice}`
  return { line, reason: 'unparsable', detail, original }
}
