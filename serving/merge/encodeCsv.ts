import type { Cell, CellRow } from './toCells.ts'
import type { SourceColumn } from './viewCatalogue.ts'

/** RFC 4180 with a header line; null is an empty field. */
export function encodeCsv(columns: readonly SourceColumn[], rows: readonly CellRow[]): string {
  const names = columns.map((column) => column.name)
  const lines = rows.map((row) => names.map((name) => field(row[name] ?? null)).join(','))
  return `${[names.join(','), ...lines].join('\r\n')}\r\n`
}

function field(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
