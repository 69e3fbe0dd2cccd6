import { parse } from 'csv-parse/sync'
import type { TextRecord } from './records.ts'

/**
 * The cells of one record. A quoted cell is as it was before it was quoted; another one loses the
 * blanks around it.
 *
 * csv-parse takes 50 µs a call, so it reads only the records that need all of RFC 4180.
 */
export function splitRecord(...record: Parameters<typeof splitCells>): string[] {
  return splitCells(...record).map(unwrap)
}

/** `="0123"` keeps a spreadsheet from reading a number; the text is within. */
function unwrap(cell: string): string {
  return cell.startsWith('="') && cell.endsWith('"') ? cell.slice(2, -1) : cell
}

function splitCells(
  text: string,
  delimiter: string | null,
  quoting: TextRecord['quoting'],
): string[] {
  if (quoting === 'intricate') {
    const [cells] = parse(text, {
      // Characters that are in no record stand for "none".
      delimiter: delimiter ?? '\u0000',
      record_delimiter: '\u0000\u0000',
      relax_column_count: true,
      relax_quotes: true,
      trim: true,
    }) as string[][]
    return cells ?? []
  }
  if (quoting === 'quoted') return splitQuoted(text, delimiter)
  return (delimiter === null ? [text] : text.split(delimiter)).map((cell) => cell.trim())
}

/** No quoted cell contains a quote. */
function splitQuoted(text: string, delimiter: string | null): string[] {
  const cells: string[] = []
  let at = 0
  for (;;) {
    while (text[at] === ' ' || (text[at] === '\t' && delimiter !== '\t')) at++
    const isQuoted = text[at] === '"'
    const closing = isQuoted ? text.indexOf('"', at + 1) : at
    const next = delimiter === null ? -1 : text.indexOf(delimiter, closing)
    const end = next < 0 ? text.length : next
    cells.push(isQuoted ? text.slice(at + 1, closing) : text.slice(at, end).trim())
    if (next < 0) return cells
    at = next + 1
  }
}
