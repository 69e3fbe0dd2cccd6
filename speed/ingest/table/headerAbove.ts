import type { Look } from './cellLook.ts'

export type GridRow = { readonly line: number; readonly cells: readonly string[] }
export type Looks = ReadonlyMap<GridRow, readonly Look[]>

export type Above = {
  readonly rows: readonly GridRow[]
  readonly first: number
  readonly columns: readonly Look[]
  readonly looks: Looks
}

/**
 * The row above the data whose cells look least like data; of several the lowest, as a preamble is
 * higher. A row of data with a mistake in it may stand between the two.
 */
export function headerAbove({ rows, first, columns, looks }: Above): GridRow | null {
  let best: GridRow | null = null
  let most = 0
  for (let at = first - 1; at >= 0; at--) {
    const row = rows[at]!
    if (isBrokenRow(row, { rows, first, columns, looks })) continue
    if (row.cells.length !== columns.length) break
    // A line of units, which has the names above it.
    if (isUnitsRow(row) && rows[at - 1]?.cells.length === columns.length) continue
    const others = mismatches(looks.get(row)!, columns)
    if (others > most && (isMostlyText(row, others, columns) || couldName(row))) {
      best = row
      most = others
    }
  }
  return (
    best ?? raggedHeader({ rows, first: topOf({ rows, first, columns, looks }), columns, looks })
  )
}

export function mismatches(row: readonly Look[], columns: readonly Look[]): number {
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
export function namesColumns(
  row: GridRow,
  look: readonly Look[],
  columns: readonly Look[],
): boolean {
  if (columns.length !== look.length) return true
  return isMostlyText(row, mismatches(look, columns), columns) || words.test(row.cells[0] ?? '')
}

const words =
  /^(\w*[ _-])?(date|time|stamp|start|begin|end|day|hour|utc|unix|id|meter|nmi|mpan|prm|cpe)/i

function isMostlyText({ cells }: GridRow, others: number, columns: readonly Look[]): boolean {
  const typed = columns.filter((each, at) => each !== 'text' && cells[at]?.trim() !== '').length
  return others * 2 >= typed
}

/**
 * A row of data that was cut, or has a cell too many: a stamp is where stamps are, or its cells are
 * those with which a row of data begins.
 */
function isBrokenRow(row: GridRow, { rows, first, columns, looks }: Above): boolean {
  const { cells } = row
  if (cells.length === columns.length) return false
  const look = looks.get(row)!
  const stamp = columns.indexOf('stamp')
  if (stamp >= 0 && stamp < cells.length) return look[stamp] === 'stamp'
  if (cells.length > columns.length) return false
  const whole = rows.slice(first).filter((each) => each.cells.length === columns.length)
  return cells.every((cell, at) => {
    if (columns[at] !== 'text') return look[at] === columns[at]
    return whole.some((each) => each.cells[at]!.startsWith(cell))
  })
}

/** The first of the rows of data, of which those on top may be broken. */
export function topOf({ first, ...table }: Above): number {
  let top = first
  while (top > 0 && isBrokenRow(table.rows[top - 1]!, { first, ...table })) top--
  return top
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
export function isUnitsRow({ cells }: GridRow): boolean {
  const said = unitsIn(cells)
  return said.length > 0 && said.every((cell) => /^(k|m)?(w|wh|va|var|varh|vah)$/i.test(cell))
}

/** The units of a line that is nothing but units. */
export function unitsIn(cells: readonly string[]): string[] {
  const bare = cells.map((cell) => cell.trim().replace(/^[([](.*)[)\]]$/, '$1'))
  if (/^(units?|uom|einheit|unit[eé]|unidad|utc|gmt|local time)$/i.test(bare[0] ?? '')) bare.shift()
  return bare.filter(Boolean)
}
