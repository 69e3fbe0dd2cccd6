import {
  HeaderUnclearError,
  NoSheetError,
  OnlyHeaderError,
  SheetUnclearError,
} from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { fitCells } from './fitCells.ts'
import { type Layout, layOut } from './layOut.ts'
import { layoutBelow } from './layoutBelow.ts'
import { type SheetRow, sheetRows } from './sheetRows.ts'
import type { Table, TableProfile, TableRefusal, TableRow } from './table.ts'
import { openWorkbook, type Sheet, type Workbook } from './workbook.ts'

/**
 * A sheet of a workbook as a table.
 *
 * @throws TableError where no sheet has a table, or several have.
 */
export function xlsxTable(bytes: Uint8Array, profile: TableProfile): Table {
  const workbook = openWorkbook(bytes)
  const tried = chooseSheet(workbook, profile)
  const { sheet, layout } = tried
  const { header, headerLine } = layout
  if (layout.isUnclear)
    throw new HeaderUnclearError({ line: headerLine!, cells: header.slice(0, 8) })
  const rows = () => rowsOf(sheetRows(workbook, sheet), layout)
  if (headerLine !== null && rows().next().done) {
    throw new OnlyHeaderError({ line: headerLine, columns: header })
  }
  const value = headerLine === null ? 'none' : `row ${headerLine}`
  const count = workbook.sheets.length
  const isSaid = profile.sheet !== undefined
  return {
    format: 'xlsx',
    encoding: 'utf-8',
    delimiter: null,
    headerLine,
    header,
    evidence: [
      { field: 'format', value: 'xlsx', why: 'it is a workbook in a zip archive' },
      {
        field: 'sheet',
        value: sheet.name,
        why: isSaid ? 'it was set' : `of ${count} it is the one with a table`,
      },
      {
        field: 'headerRow',
        value,
        why:
          profile.headerRow === undefined
            ? 'it is above the first row with times or numbers'
            : 'it was set',
      },
    ],
    preamble: tried.rows
      .filter(({ line }) => line < layout.dataLine && line !== headerLine)
      .slice(0, tableLimits.preambleRowsMax)
      .map(toTableRow),
    rows,
  }
}

type Tried = { readonly sheet: Sheet; readonly rows: readonly SheetRow[]; readonly layout: Layout }

function chooseSheet(workbook: Workbook, { sheet: named, headerRow }: TableProfile): Tried {
  const visible = workbook.sheets.filter(({ isHidden }) => !isHidden)
  const known = workbook.sheets.map(({ name }) => name)
  const asked = named === undefined ? visible : workbook.sheets.filter(({ name }) => name === named)
  if (named !== undefined && asked.length === 0) throw new NoSheetError({ sheet: named, known })
  const tried = asked.flatMap((sheet) => {
    const rows = sampleOf(workbook, sheet)
    const found = layOut(rows)
    // Where there are several sheets, one without a table need not have that header row.
    const isDetected = headerRow === undefined || (found === null && asked.length > 1)
    const layout = isDetected ? found : layoutBelow(rows, found, headerRow)
    return layout === null ? [] : [{ sheet, rows, layout: withoutUnnamed(layout) }]
  })
  const [first, second] = tried
  if (!first) throw new NoSheetError({ sheet: null, known: asked.map(({ name }) => name) })
  if (!second) return first
  const sheets = tried.map(({ sheet, layout }) => ({ name: sheet.name, line: layout.dataLine }))
  throw new SheetUnclearError({ sheets })
}

/** The first rows, all as wide as the widest: a workbook leaves empty cells out. */
function sampleOf(workbook: Workbook, sheet: Sheet): SheetRow[] {
  const { sampleRows, sampleCells } = tableLimits
  const rows: SheetRow[] = []
  let seen = 0
  for (const row of sheetRows(workbook, sheet)) {
    if (row.cells.some((cell) => cell !== '')) rows.push(row)
    seen += row.cells.length
    if (rows.length >= sampleRows || seen > sampleCells) break
  }
  const width = Math.max(
    0,
    ...rows.map(({ cells }) => cells.findLastIndex((cell) => cell !== '') + 1),
  )
  return rows.map((row) => ({ ...row, cells: widened(row.cells, width) }))
}

/** Rows are as wide as the widest; the header need not be. */
function withoutUnnamed(layout: Layout): Layout {
  if (layout.headerLine === null) return layout
  const width = layout.header.findLastIndex((name) => name !== '') + 1
  return { ...layout, header: layout.header.slice(0, width) }
}

function widened(cells: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, at) => cells[at] ?? '')
}

function* rowsOf(
  rows: Iterable<SheetRow>,
  layout: Layout,
): Generator<TableRow | TableRefusal, void> {
  const { header, dataLine } = layout
  for (const row of rows) {
    if (row.line < dataLine || (row.refusal === null && row.cells.every((cell) => cell === '')))
      continue
    const wide = toTableRow({
      ...row,
      cells: widened(row.cells, Math.max(header.length, row.cells.length)),
    })
    if (row.refusal === null) yield fitCells(wide, header, null)
    else yield { line: row.line, ...row.refusal, original: wide.original }
  }
}

/** A row of a workbook has no bytes of its own: as a line of CSV it can be read again. */
function toTableRow({ line, cells }: SheetRow): TableRow {
  const quoted = cells.map((cell) =>
    /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  )
  return { line, cells, original: new TextEncoder().encode(quoted.join(',')) }
}
