import { LineTooLongError } from '../../../schemas/errors/input.ts'
import {
  EmptyTableError,
  HeaderUnclearError,
  NoTableError,
  OnlyHeaderError,
  TableTooLargeError,
} from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { codeOf, type FoundTable, findDelimiter } from './delimiter.ts'
import type { FoundEncoding } from './encoding.ts'
import { fitCells } from './fitCells.ts'
import type { Layout } from './layOut.ts'
import { layoutBelow } from './layoutBelow.ts'
import { readRecord } from './readRecord.ts'
import { recordsOf } from './records.ts'
import { shown } from './sentenceTexts.ts'
import type { Evidence, Table, TableProfile, TableRefusal, TableRow } from './table.ts'
import type { TextReader } from './textReader.ts'

/** @throws TableError where the text has no table, or two answers are equally likely. */
export function csvTable(encoding: FoundEncoding, profile: TableProfile): Table {
  const { reader } = encoding
  const found = findDelimiter(reader, profile.delimiter)
  const layout = layoutOf(found, profile.headerRow, reader)
  const { header, headerLine } = layout
  if (layout.isUnclear)
    throw new HeaderUnclearError({ line: headerLine!, cells: header.slice(0, 8) })
  const { columnsMax } = tableLimits
  if (header.length > columnsMax) {
    const what = `Line ${headerLine ?? layout.dataLine}`
    throw new TableTooLargeError({ what, size: header.length, max: columnsMax, unit: 'columns' })
  }
  const rows = () => rowsOf(reader, found, layout)
  if (headerLine !== null && rows().next().done) {
    throw new OnlyHeaderError({ line: headerLine, columns: header })
  }
  return {
    format: 'csv',
    encoding: reader.encoding,
    delimiter: found.delimiter,
    headerLine,
    header,
    evidence: [encoding.evidence, found.evidence, headerEvidence(layout, profile.headerRow)],
    preamble: preambleOf(found, layout, reader),
    rows,
  }
}

function* rowsOf(
  reader: TextReader,
  found: FoundTable,
  layout: Layout,
): Generator<TableRow | TableRefusal, void> {
  const { delimiter } = found
  const usual = usualWidth(found, layout)
  for (const record of recordsOf(reader, codeOf(delimiter))) {
    if (record.line < layout.dataLine) continue
    const row = readRecord(reader, delimiter, record)
    if ('reason' in row) yield row
    else if (row.cells.some((cell) => cell !== '') && !isHeader(row, layout)) {
      const isShort = row.cells.length === usual && usual < layout.header.length
      const whole = isShort ? padded(row, layout.header.length) : row
      yield fitCells(whole, layout.header, delimiter)
    }
  }
}

/** Files that were joined have their header in the middle, too. */
function isHeader({ cells }: TableRow, { header, headerLine }: Layout): boolean {
  if (headerLine === null || cells.length !== header.length) return false
  return cells.every((cell, at) => cell === header[at])
}

/** Cells of most rows where they end before a column of remarks, which some exports leave out. */
function usualWidth({ rows }: FoundTable, { dataLine, header }: Layout): number {
  if (!remarks.test(header.at(-1) ?? '')) return 0
  const width = header.length - 1
  const data = rows.filter(({ line }) => line >= dataLine)
  const short = data.filter(({ cells }) => cells.length === width)
  // A single row may be cut.
  return short.length >= 2 && short.length * 2 > data.length ? width : 0
}

const remarks = /^\s*(notes?|comments?|remarks?|observa(tions?|ções)|bemerkung(en)?)\s*$/i

function padded(row: TableRow, width: number): TableRow {
  const missing = Math.max(0, width - row.cells.length)
  return { ...row, cells: [...row.cells, ...Array.from({ length: missing }, () => '')] }
}

function layoutOf(found: FoundTable, headerRow: number | undefined, reader: TextReader): Layout {
  const { rows, faults } = found
  if (rows.length === 0) {
    if (faults.has('too-long')) throw tooLong()
    if (faults.size === 0) throw new EmptyTableError({ bytes: reader.bytes.length - reader.start })
  }
  if (headerRow !== undefined) return layoutBelow(rows, found.layout, headerRow)
  if (found.layout) return found.layout
  if (faults.has('too-long')) throw tooLong()
  const [first] = rows
  if (first && rows.length === 1 && first.cells.length > 1) {
    // Every row is refused for its own fault.
    if (faults.size > 0) return layoutBelow(rows, null, first.line)
    throw new OnlyHeaderError({ line: first.line, columns: first.cells })
  }
  const cells = first?.cells.join(found.delimiter ?? '') ?? ''
  throw new NoTableError({ lines: rows.at(-1)?.line ?? 1, first: shown(cells) })
}

function tooLong(): LineTooLongError {
  return new LineTooLongError({ bytesMax: tableLimits.rowBytesMax })
}

function headerEvidence({ headerLine, header }: Layout, stated: number | undefined): Evidence {
  const value = headerLine === null ? 'none' : `line ${headerLine}`
  if (stated !== undefined) return { field: 'headerRow', value, why: 'it was set' }
  const why =
    headerLine === null
      ? 'the first row already has times or numbers'
      : `it names ${header.length} columns above the first row with times or numbers`
  return { field: 'headerRow', value, why }
}

function preambleOf(found: FoundTable, layout: Layout, reader: TextReader): TableRow[] {
  const above: TableRow[] = []
  for (const record of recordsOf(reader, codeOf(found.delimiter))) {
    if (record.line >= layout.dataLine || above.length >= tableLimits.preambleRowsMax) break
    if (record.line === layout.headerLine) continue
    const row = readRecord(reader, found.delimiter, record)
    if ('cells' in row) above.push(row)
  }
  return above
}
