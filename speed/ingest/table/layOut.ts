import { type Look, lookOf } from './cellLook.ts'
import { withRowNames } from './rowNames.ts'

export type GridRow = { readonly line: number; readonly cells: readonly string[] }

/** Where the table is among the first rows of a file. */
export type Layout = {
  /** Null where no row names the columns. */
  readonly headerLine: number | null
  readonly header: readonly string[]
  /** The first row of data; what is above and is not the header is no row of the table. */
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

type Looks = ReadonlyMap<GridRow, readonly Look[]>

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
  const names = header
    ? withRowNames({ header, rows, columns })
    : columns.map((_, at) => `column ${at + 1}`)
  const start = header === null ? first : rows.indexOf(header) + 1
  const below = rows.slice(header === null ? first : start - 1)
  const whole = below.filter(({ cells }) => cells.length === width).length
  return {
    headerLine: header?.line ?? null,
    header: names,
    isUnclear: header !== null && !namesColumns(header, looks.get(header)!, columns),
    dataLine: rows.slice(start).find((row) => !isUnitsRow(row))?.line ?? rows[first]!.line,
    score: data.length * (typed / width + (hasStamps ? 1 : 0)) * (whole / below.length),
  }
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

type Above = {
  readonly rows: readonly GridRow[]
  readonly first: number
  readonly columns: readonly Look[]
  readonly looks: Looks
}

/**
 * The row above the data whose cells look least like data; of several the lowest, as a preamble is
 * higher. A row of data with a mistake in it may stand between the two.
 */
function headerAbove({ rows, first, columns, looks }: Above): GridRow | null {
  let best: GridRow | null = null
  let most = 0
  for (let at = first - 1; at >= 0 && rows[at]!.cells.length === columns.length; at--) {
    const row = rows[at]!
    // A line of units, which has the names above it.
    if (isUnitsRow(row) && rows[at - 1]?.cells.length === columns.length) continue
    const others = mismatches(looks.get(row)!, columns)
    if (others > most && (isMostlyText(row, others, columns) || couldName(row))) {
      best = row
      most = others
    }
  }
  return best ?? raggedHeader({ rows, first, columns, looks })
}

function mismatches(row: readonly Look[], columns: readonly Look[]): number {
  return columns.filter((look, at) => {
    return look !== 'text' && row[at] !== look && row[at] !== 'missing'
  }).length
}

/** Series may be called by numbers; those are whole and each another one. */
function couldName({ cells }: GridRow): boolean {
  const names = cells.slice(1)
  return names.every((name) => /^\w+$/.test(name.trim())) && new Set(names).size === names.length
}

/** Whether a header is one beyond doubt: mostly text, or numbers behind a word of the trade. */
function namesColumns(row: GridRow, look: readonly Look[], columns: readonly Look[]): boolean {
  if (columns.length !== look.length) return true
  return isMostlyText(row, mismatches(look, columns), columns) || words.test(row.cells[0] ?? '')
}

const words =
  /^(\w*[ _-])?(date|time|stamp|start|begin|end|day|hour|utc|unix|id|meter|nmi|mpan|prm|cpe)/i

function isMostlyText({ cells }: GridRow, others: number, columns: readonly Look[]): boolean {
  const typed = columns.filter((each, at) => each !== 'text' && cells[at]?.trim() !== '').length
  return others * 2 >= typed
}

/** A header with one cell more or less: its rows end in a delimiter, or it does. */
function raggedHeader({ rows, first, columns, looks }: Above): GridRow | null {
  const row = rows[first - 1]
  if (!row || row.cells.length < 2 || row.cells.length === columns.length) return null
  const isNear = Math.abs(row.cells.length - columns.length) === 1
  const isText = looks.get(row)!.every((look) => look === 'text' || look === 'missing')
  return isNear && isText ? row : null
}

/** A second line of the header, such as `,kWh,kWh` or `Unit,kWh,kWh`. */
function isUnitsRow({ cells }: GridRow): boolean {
  const said = unitsIn(cells)
  return said.length > 0 && said.every((cell) => /^(k|m)?(w|wh|va|var|varh|vah)$/i.test(cell))
}

/** The units of a line that is nothing but units. */
export function unitsIn(cells: readonly string[]): string[] {
  const bare = cells.map((cell) => cell.trim().replace(/^[([](.*)[)\]]$/, '$1'))
  if (/^(units?|uom|einheit|unit[eé]|unidad)$/i.test(bare[0] ?? '')) bare.shift()
  return bare.filter(Boolean)
}
