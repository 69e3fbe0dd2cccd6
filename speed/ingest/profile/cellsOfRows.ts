import { TableTooLargeError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { TableRefusal, TableRow } from '../table/table.ts'
import { isTableRefusal } from '../table/table.ts'
import { hasUnnamedNumber, refuseCutNumbers } from './cutNumbers.ts'
import type { Columns, ValueColumn } from './findColumns.ts'
import { type MeterFound, meterNamed, namesMeter } from './findMeter.ts'
import { flowOf } from './flowWords.ts'
import { type MeterNames, openMeterNames } from './meterNames.ts'
import { cellsOf, otherTableAt } from './otherHeader.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import type { OtherTable, ProfiledRefusal } from './reading.ts'
import { findTimeRanges, splitRange } from './timeRange.ts'

/** A stamp as text; `addMs` is the time of the column of a file with a row a day. */
export type StampText = { readonly text: string; readonly addMs: number }

/** The interval of a row, which the cells of a wide row share. */
export type Entry = {
  readonly line: number
  /** Both are cut out of one text where that is a whole interval. */
  anchor: StampText
  end: StampText | null
  readonly durationText: string
  /** Set by `timeEntries`. */
  startMs: number
  durationS: number
  refusal: Refusal | null
}

export type Cell = {
  readonly entry: Entry
  readonly row: TableRow
  readonly column: ValueColumn
  readonly meter: string
  readonly value: string
  /** Positive values in the file are what was fed in. */
  readonly isExport: boolean
  /** A word for the direction of the flow that is not known. */
  readonly unknownFlow: string | null
}

/** Stamps are put in order, and their step is found, by sequence. */
export type CellsOfRows = {
  readonly sequences: ReadonlyMap<string, readonly Entry[]>
  readonly cells: readonly Cell[]
  /** Rows that could not be split, and rows with more cells than the header. */
  readonly refusals: readonly ProfiledRefusal[]
  readonly otherTable: OtherTable | null
  /** With the column of the end, which is that of the start where its texts are whole intervals. */
  readonly columns: Columns
}

type Open = {
  readonly sequences: Map<string, Entry[]>
  readonly cells: Cell[]
  readonly names: MeterNames
  readonly refusals: ProfiledRefusal[]
  otherTable: OtherTable | null
  /** A row that names a meter, which may be under it. */
  naming: readonly string[] | null
}

export type CellsOptions = {
  readonly columns: Columns
  readonly header: readonly string[]
  readonly delimiter: string | null
  readonly profile: Profile
  /** The meter where no column names it, and its name in a line above the header. */
  readonly named: Pick<MeterFound, 'meter' | 'above'>
  /** The other table that begins in a part of the file before this one. */
  readonly otherTable?: OtherTable | null | undefined
  /** A part of a file need not have all its meters. */
  readonly isPart?: boolean | undefined
  /** Beyond it the file is too large for the memory. */
  readonly cellsMax?: number
}

/** The cells of values of a table with the intervals they belong to, in order of the file. */
export function cellsOfRows(
  rows: Iterable<TableRow | TableRefusal>,
  options: CellsOptions,
): CellsOfRows {
  const { otherTable = null, named: ofFile } = options
  const names = openMeterNames(options.profile)
  const lists = { sequences: new Map(), cells: [], refusals: [] }
  const open: Open = { ...lists, names, otherTable, naming: null }
  for (const row of rows) {
    const named = namedMeter(row, open, options)
    // Files of one meter that were joined.
    const isOther = named !== null && named !== ofFile.meter && named !== ofFile.above
    if (named !== null && !isOther && open.naming !== null) continue
    open.otherTable ??= isOther ? tableOf(row, named) : otherTableAt(row, options)
    if (isTableRefusal(row)) {
      const refusal = open.otherTable ?? (open.naming ? refuse('meter-named') : row)
      open.refusals.push({ ...row, ...refusal, line: row.line, column: null, value: '', cells: [] })
    } else if (open.otherTable !== null) {
      refuseRow(open, row, { ...options, refusal: open.otherTable })
    } else if (hasTooMany(row, options)) {
      const counts = { cells: row.cells.length, names: options.header.length }
      refuseRow(open, row, { ...options, refusal: refuse('too-many-cells', counts) })
    } else if (hasUnnamedNumber(row, options)) {
      refuseRow(open, row, { ...options, refusal: refuse('unnamed-number') })
    } else if (row.cells.some((cell) => cell.trim() !== '')) {
      addRow(open, row, options)
    }
    const { cellsMax: max = tableLimits.cellsMax } = options
    if (open.cells.length + open.refusals.length > max) {
      throw new TableTooLargeError({ what: 'The file', size: null, max, unit: 'cells' })
    }
  }
  if (options.columns.layout !== 'wide' && options.isPart !== true) names.checkAll()
  refuseCutNumbers(open.cells, options)
  return { ...open, columns: cutRanges(open, options.columns) }
}

/** Stamps that are whole intervals become a start and an end each. */
function cutRanges({ sequences }: Open, columns: Columns): Columns {
  const { start, date, startTime, end, endTime } = columns.at
  const [role, at, other] =
    date === undefined ? (['end', start, end] as const) : (['endTime', startTime, endTime] as const)
  const isSaid = at !== undefined && other === at
  if (at === undefined || columns.layout === 'days' || !(isSaid || other === undefined)) {
    return columns
  }
  const entries = [...sequences.values()].flat()
  const cut = isSaid
    ? splitRange
    : findTimeRanges(new Set(entries.map(({ anchor }) => anchor.text)))
  if (cut === null) return columns
  for (const entry of entries) {
    const parts = cut(entry.anchor.text)
    if (parts === null) continue
    entry.anchor = { text: parts.start, addMs: 0 }
    entry.end = { text: parts.end, addMs: 0 }
  }
  return { ...columns, at: { ...columns.at, [role]: at } }
}

function hasTooMany(row: TableRow, { header }: CellsOptions): boolean {
  return row.cells.slice(header.length).some((cell) => cell.trim() !== '')
}

/**
 * The meter that a row names, or the row above it, in files of several that were joined: each with
 * its meter above its header. `open.naming` is then the row that names it.
 */
function namedMeter(
  row: TableRow | TableRefusal,
  open: Open,
  { columns }: CellsOptions,
): string | null {
  if (columns.at.meter !== undefined || columns.layout === 'wide') return null
  const cells = cellsOf(row)
  const above = open.naming
  open.naming = cells.some(namesMeter) ? cells : null
  const isLone = isTableRefusal(row) || cells.filter((cell) => cell !== '').length === 1
  if (above !== null && open.naming === null && isLone) return meterNamed(above, cells)
  return open.naming && meterNamed(cells)
}

function tableOf({ line }: TableRow | TableRefusal, meter: string): OtherTable {
  return { line, ...refuse('other-meter', { meter }) }
}

type RefuseOptions = CellsOptions & { readonly refusal: Refusal }

/** Which cell belongs to which name is uncertain, so none of the row is read. */
function refuseRow(open: Open, row: TableRow, { columns, refusal }: RefuseOptions): void {
  const { line, original } = row
  for (const { at, header: column } of columns.values) {
    const value = row.cells[at] ?? ''
    open.refusals.push({ ...refusal, line, column, value, original, cells: [] })
  }
}

function addRow(open: Open, row: TableRow, options: CellsOptions): void {
  const { columns } = options
  const text = (role: ProfileColumn) => (row.cells[columns.at[role] ?? -1] ?? '').trim()
  const flow = flowOf(text('flow'), options.profile)
  const isFedIn = flow === 'export'
  const channel = text('channel') || (isFedIn ? 'export' : '')
  const called = (columns.at.meter === undefined ? '' : text('meter')) || options.named.meter
  const meterText = columns.layout === 'wide' ? called : open.names.meterOf(called)
  const named = [meterText, channel].filter((part) => part !== '').join('-')
  const shared = columns.layout === 'days' ? null : entryOf(row, columns, 0)
  let before = 0
  let addedMs = 0
  for (const column of columns.values) {
    if (column.minute !== null && column.minute <= before && before > 0) addedMs = dayMs
    before = column.minute ?? 0
    const meter = `${column.meter ?? named}${column.meterSuffix}`
    const entry = shared ?? entryOf(row, columns, (column.minute ?? 0) * 60_000 + addedMs)
    const value = (row.cells[column.at] ?? '').trim()
    const isExport = column.isExport || isFedIn
    const unknownFlow = flow === null ? text('flow') : null
    open.cells.push({ entry, row, column, meter, value, isExport, unknownFlow })
    if (shared === null || columns.layout === 'tidy') addTo(open.sequences, meter, entry)
  }
  if (shared !== null && columns.layout === 'wide') addTo(open.sequences, '', shared)
}

const dayMs = 86_400_000

function addTo(sequences: Map<string, Entry[]>, key: string, entry: Entry): void {
  const sequence = sequences.get(key)
  if (sequence) sequence.push(entry)
  else sequences.set(key, [entry])
}

function entryOf(row: TableRow, { at }: Columns, addMs: number): Entry {
  const text = (role: ProfileColumn) => (row.cells[at[role] ?? -1] ?? '').trim()
  const day = at.date === undefined ? '' : text('date')
  const join = (time: string) => (time === '' ? day : `${day} ${time}`)
  const startText = at.date === undefined ? text('start') : join(text('startTime'))
  const endText = at.endTime === undefined ? text('end') : join(text('endTime'))
  const isOnlyEnd = at.start === undefined && (at.date === undefined || isEndOfDay(at))
  const end = isOnlyEnd || endText === '' ? null : { text: endText, addMs: 0 }
  return {
    line: row.line,
    anchor: { text: isOnlyEnd ? endText : startText, addMs },
    end,
    durationText: text('duration'),
    startMs: Number.NaN,
    durationS: Number.NaN,
    refusal: null,
  }
}

function isEndOfDay(at: Columns['at']): boolean {
  return at.date !== undefined && at.startTime === undefined && at.endTime !== undefined
}

/** The stamps of the file are those of the ends, because it has no other ones. */
export function hasOnlyEnds({ at, layout, values }: Columns): boolean {
  // From 00:30 to 24:00, or to 00:00: a day has no other interval that ends so.
  if (layout === 'days') {
    const last = values.at(-1)?.minute
    return (values[0]?.minute ?? 0) > 0 && (last === 0 || last === 24 * 60)
  }
  return at.start === undefined && (at.date === undefined || isEndOfDay(at))
}
