import { TableTooLargeError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { plainDecimal } from './plainDecimal.ts'
import type { XmlHandlers } from './readXml.ts'
import { dateText } from './sheetDates.ts'
import { readPart, type Sheet, type Workbook } from './workbook.ts'

export type SheetRow = {
  readonly line: number
  readonly cells: readonly string[]
  /** Why the row cannot be read. */
  readonly refusal: Refusal | null
}

/** Rows of a sheet as text: what a cell shows of a date, and the stored answer of a formula. */
export function sheetRows(workbook: Workbook, sheet: Sheet): Iterable<SheetRow> {
  return readPart<SheetRow>(workbook.archive, sheet.path, ({ emit }) => handlersOf(workbook, emit))
}

type Cell = {
  readonly column: number
  readonly reference: string
  readonly type: string
  readonly style: number
  value: string | null
  hasFormula: boolean
}

function handlersOf(workbook: Workbook, emit: (row: SheetRow) => void): XmlHandlers {
  let line = 0
  let cells: string[] = []
  let refusal: Refusal | null = null
  let cell: Cell | null = null
  return {
    open(name, attributes) {
      if (name === 'row') {
        line = Number(attributes.r ?? line + 1)
        cells = []
        refusal = null
      }
      if (name === 'c') cell = startCell(attributes, cells.length)
      if (name === 'f' && cell) cell.hasFormula = true
      if (name === 'is' && cell) cell.value = ''
    },
    close(name, text) {
      if (cell && name === 'v') cell.value = text
      if (cell && name === 't' && cell.type === 'inlineStr') cell.value += text
      if (cell && name === 'c') {
        const shown = showCell(cell, workbook)
        if (shown === null) refusal ??= refuseCell(cell)
        while (cells.length < cell.column) cells.push('')
        cells[cell.column] = shown ?? ''
        cell = null
      }
      if (name === 'row') emit({ line, cells, refusal })
    },
  }
}

function startCell({ r = '', t = 'n', s }: Readonly<Record<string, string>>, next: number): Cell {
  const column = /^[A-Z]/.test(r) ? columnOf(r) : next
  const max = tableLimits.columnsMax
  if (column >= max) {
    throw new TableTooLargeError({ what: 'The sheet', size: column + 1, max, unit: 'columns' })
  }
  return { column, reference: r, type: t, style: Number(s ?? 0), value: null, hasFormula: false }
}

/** `A1` is in column 0, `AB7` in 27. */
function columnOf(reference: string): number {
  let column = 0
  for (const letter of reference.match(/^[A-Z]{1,4}/)?.[0] ?? 'A') {
    column = column * 26 + letter.charCodeAt(0) - 64
  }
  return column - 1
}

/** Null where the cell has no value that can be shown. */
function showCell(cell: Cell, { texts, dateKinds, is1904 }: Workbook): string | null {
  const { type, value } = cell
  if (value === null || value === '') return cell.hasFormula && type === 'n' ? null : ''
  if (type === 's') return texts[Number(value)] ?? null
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type !== 'n') return value
  const kind = dateKinds[cell.style] ?? null
  if (kind !== null) return dateText(Number(value), kind, is1904)
  return decimalText(value)
}

/** A spreadsheet keeps binary numbers and shows 15 digits: 0.1 + 0.2 is 0.3. */
function decimalText(value: string): string | null {
  const digits = value.replace(/e.*$/i, '').replace(/^-?0*\.?0*|\.|-/g, '')
  if (digits.length <= 15) return plainDecimal(value)
  return plainDecimal(Number(value).toPrecision(15))
}

function refuseCell({ reference: cell, hasFormula, value }: Cell): Refusal {
  if (hasFormula && !value) return refuse('formula-without-value', { cell })
  return refuse('cell-value', { cell, text: value ?? '' })
}
