import { HeaderRowError } from '../../../schemas/errors/table.ts'
import type { GridRow } from './headerAbove.ts'
import type { Layout } from './layOut.ts'

/**
 * The header is where it was said to be, or below blank lines there, where a header was found too.
 *
 * @throws HeaderRowError where no row is there.
 */
export function layoutBelow(
  rows: readonly GridRow[],
  layout: Layout | null,
  headerRow: number,
): Layout {
  const score = layout?.score ?? 0
  if (headerRow === 0) {
    // What looked like a header is the first row then.
    const start = layout?.headerLine ?? layout?.dataLine ?? rows[0]?.line
    const row = rows.find(({ line }) => line === start)
    const width = row?.cells.length ?? 0
    const header = Array.from({ length: width }, (_, at) => `column ${at + 1}`)
    return { headerLine: null, header, dataLine: row?.line ?? 1, score, isUnclear: false }
  }
  const header = rows.find(({ line }) => line >= headerRow)
  const line = header?.line ?? headerRow
  if (!header || (line !== headerRow && line !== layout?.headerLine)) {
    const fault = headerRow > (rows.at(-1)?.line ?? 0) ? 'no-line' : 'blank'
    throw new HeaderRowError({ headerRow, fault })
  }
  // A line of units below it is no data; that is seen only where the same header was found.
  const isFound = layout?.headerLine === line
  const dataLine = isFound ? layout.dataLine : line + 1
  return {
    headerLine: line,
    header: isFound ? layout.header : header.cells,
    dataLine,
    score,
    isUnclear: false,
  }
}
