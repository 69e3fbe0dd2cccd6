import { HeaderRowError } from '../../../schemas/errors/table.ts'
import type { GridRow } from './headerAbove.ts'
import type { Layout } from './layOut.ts'

/**
 * The header is where it was said to be.
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
  const at = rows.findIndex(({ line }) => line === headerRow)
  const header = rows[at]
  if (!header) {
    const fault = headerRow > (rows.at(-1)?.line ?? 0) ? 'no-line' : 'blank'
    throw new HeaderRowError({ headerRow, fault })
  }
  // A line of units below it is no data; that is seen only where the same header was found.
  const isFound = layout?.headerLine === headerRow
  const dataLine = isFound ? layout.dataLine : headerRow + 1
  return {
    headerLine: headerRow,
    header: isFound ? layout.header : header.cells,
    dataLine,
    score,
    isUnclear: false,
  }
}
