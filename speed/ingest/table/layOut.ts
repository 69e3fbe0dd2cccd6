import { type Look, lookOf } from './cellLook.ts'
import {
  type GridRow,
  headerAbove,
  isUnitsRow,
  type Looks,
  mismatches,
  namesColumns,
  topOf,
} from './headerAbove.ts'
import { withRowNames } from './rowNames.ts'

/** Where the table is among the first rows of a file. */
export type Layout = {
  /** Null where no row names the columns. */
  readonly headerLine: number | null
  readonly header: readonly string[]
  /** From this line on rows are data; what is above and is no header is no row of the table. */
  readonly dataLine: number
  /** The header may as well be a row of data with a mistake in it. */
  readonly isUnclear: boolean
  /**
   * How much this looks like a table: rows of data × how many of their cells can be read × how many
   * of the rows from the header on have its width.
   */
  readonly score: number
}

/**
 * Finds the table: rows of one width in which the same columns have times or numbers, and above
 * them the row that has text there. Null where there is none.
 */
export function layOut(rows: readonly GridRow[]): Layout | null {
  const looks = new Map(rows.map((row) => [row, row.cells.map(lookOf)]))
  const widths = [...new Set(rows.map(({ cells }) => cells.length))]
  const layouts = widths
    .map((width) => layOutWidth(rows, width, looks))
    .filter((each) => each !== null)
  return layouts.reduce<Layout | null>((best, each) => {
    return best === null || each.score > best.score ? each : best
  }, null)
}

function layOutWidth(rows: readonly GridRow[], width: number, looks: Looks): Layout | null {
  const same = rows.filter(({ cells }) => cells.length === width)
  // The later half: a preamble of the same width is at the top.
  const columns = columnLooks(same.slice(Math.floor(same.length / 2)), width, looks)
  const typed = columns.filter((each) => each !== 'text').length
  const hasStamps = columns.includes('stamp')
  if (typed === 0 || (width === 1 && !hasStamps)) return null
  const isData = (row: GridRow) => row.cells.length === width && fits(looks.get(row)!, columns)
  const data = rows.filter(isData)
  if (data.length === 0) return null
  // Names that are numbers look like data in most of their columns, but never in all.
  const isWhole = (row: GridRow) => isData(row) && mismatches(looks.get(row)!, columns) === 0
  const first = rows.indexOf(rows.find(isWhole) ?? data[0]!)
  const header = headerAbove({ rows, first, columns, looks })
  const top = topOf({ rows, first, columns, looks })
  const names = header
    ? withRowNames({ header, rows, columns })
    : columns.map((_, at) => `column ${at + 1}`)
  const start = header === null ? top : rows.indexOf(header) + 1
  const below = rows.slice(header === null ? top : start - 1)
  const whole = below.filter(({ cells }) => cells.length === width).length
  return {
    headerLine: header?.line ?? null,
    header: names,
    isUnclear: header !== null && !namesColumns(header, looks.get(header)!, columns),
    dataLine: lineBelow(rows, start),
    score: data.length * (typed / width + (hasStamps ? 1 : 0)) * (whole / below.length),
  }
}

/** Behind the header and its units: a row that cannot be cut into cells may be there. */
function lineBelow(rows: readonly GridRow[], start: number): number {
  let at = start
  while (at > 0 && at < rows.length && isUnitsRow(rows[at]!)) at++
  return (rows[at - 1]?.line ?? 0) + 1
}

/** What half of the cells of each column, or more, look like. */
function columnLooks(rows: readonly GridRow[], width: number, looks: Looks): Look[] {
  return Array.from({ length: width }, (_, column) => {
    const seen = rows.map((row) => looks.get(row)![column]).filter((each) => each !== 'missing')
    const share = (look: Look) => seen.filter((each) => each === look).length * 2 >= seen.length
    if (seen.length === 0) return 'text'
    if (share('stamp')) return 'stamp'
    return share('number') ? 'number' : 'text'
  })
}

function fits(row: readonly Look[], columns: readonly Look[]): boolean {
  const typed = columns.flatMap((look, at) => (look === 'text' ? [] : [{ look, at }]))
  const fitting = typed.filter(({ look, at }) => row[at] === look)
  if (columns.includes('stamp')) return fitting.some(({ look }) => look === 'stamp')
  return fitting.length * 2 >= typed.length
}
