import iconv from 'iconv-lite'

export type CsvSpec = {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly delimiter: string
  readonly lineEnd: '\n' | '\r\n' | '\r'
  readonly encoding: string
  readonly hasMark: boolean
  /** Blank lines before row N, in turn. */
  readonly blanks: readonly number[]
  /** Whether cells are quoted that need not be. */
  readonly quotesAll: boolean
}

export type WrittenCsv = { readonly bytes: Uint8Array; readonly lines: readonly number[] }

/** A table as CSV (RFC 4180), and on which line of the file each row begins. */
export function writeCsv(spec: CsvSpec): WrittenCsv {
  const { header, rows, lineEnd, encoding, hasMark, blanks } = spec
  let text = lineOf(header, spec)
  const lines: number[] = []
  for (const [at, row] of rows.entries()) {
    text += lineEnd.repeat(1 + (blanks[at % Math.max(1, blanks.length)] ?? 0))
    lines.push(1 + countLineEnds(text))
    text += lineOf(row, spec)
  }
  return { bytes: iconv.encode(text + lineEnd, encoding, { addBOM: hasMark }), lines }
}

function lineOf(cells: readonly string[], { delimiter, quotesAll }: CsvSpec): string {
  const needs = (cell: string) =>
    cell.includes(delimiter) || /["\r\n]/.test(cell) || cell !== cell.trim()
  return cells
    .map((cell) => (quotesAll || needs(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(delimiter)
}

/** CR CR LF is one, as a copy in text mode makes it. */
function countLineEnds(text: string): number {
  return text.match(/\r+\n|\n|\r/g)?.length ?? 0
}
