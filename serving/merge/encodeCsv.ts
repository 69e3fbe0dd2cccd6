import type { Cell, CellRow } from './toCells.ts'
import type { SourceColumn } from './viewColumns.ts'

/**
 * RFC 4180 with a header line; null is an empty field. The text is in as many pieces as the rows.
 *
 * A text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export function* encodeCsv(
  columns: readonly SourceColumn[],
  pieces: Iterable<readonly CellRow[]>,
): Generator<string> {
  yield `${columns.map(({ name }) => name).join(',')}\r\n`
  for (const rows of pieces) {
    const lines = rows.map((row) => {
      return `${columns.map(({ name, kind }) => field(kind, row[name] ?? null)).join(',')}\r\n`
    })
    yield lines.join('')
  }
}

function field(kind: SourceColumn['kind'], cell: Cell): string {
  if (cell === null) return ''
  const isFormula = kind === 'text' && /^[=+\-@\t\r]/.test(String(cell))
  const text = isFormula ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
