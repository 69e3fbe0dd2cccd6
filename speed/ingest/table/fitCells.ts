import { refuse } from '../refusal.ts'
import { nameOfDelimiter } from './sentenceTexts.ts'
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
  const counts = { cells: cells.length, names: header.length }
  if (!isLonger || delimiter === null) return { line, ...refuse('row-length', counts), original }
  const data = { ...counts, delimiter: nameOfDelimiter(delimiter) }
  return { line, ...refuse('unquoted-delimiter', data), original }
}
