import {
  ColumnNamedTwiceError,
  MissingColumnError,
  NoHeaderError,
  UnknownColumnError,
} from '../../../schemas/errors/input.ts'
import { OnlyHeaderError } from '../../../schemas/errors/table.ts'
import { knownFields } from '../draft.ts'
import { isSilent } from '../profile/readCell.ts'
import type { GapKind } from '../profile/reading.ts'
import { type ExactTable, exactTable } from '../table/exactTable.ts'
import type { TidyRow } from './tidyRows.ts'

/**
 * The rows of tidy CSV: `meter,start,duration_s,energy_wh[,power_w][,reactive_var][,quality]
 * [,revision]`, with the columns in any order. An empty value, `nan` or `NA` is missing; a row with
 * neither energy nor power is a gap.
 *
 * @throws InvalidArgumentError when the first line does not name the columns: then no row can be
 * read, so the whole body is refused.
 */
export function* rowsOfTidy(body: Uint8Array): Generator<TidyRow> {
  const table = exactTable(body)
  const columns = readColumns(table)
  let index = 0
  for (const row of table.rows()) {
    const { line, original } = row
    const place = { line, column: '', value: '' }
    if ('reason' in row) {
      const content = { reason: row.reason, detail: row.detail }
      yield { index, place, original, content, readAs: { kind: 'row' } }
    } else {
      yield { index, place, original, ...fieldsOf(row.cells, columns) }
    }
    index++
  }
  const { headerLine: line } = table
  if (index === 0) throw new OnlyHeaderError({ line, columns })
}

const values: ReadonlySet<string> = new Set(['energy_wh', 'power_w', 'reactive_var'])

function fieldsOf(cells: readonly string[], columns: readonly string[]) {
  const extra = cells.slice(columns.length).find((cell) => cell.trim() !== '')
  const fields: Record<string, string> = {}
  let gapKind: GapKind = 'empty-cell'
  columns.forEach((column, at) => {
    const cell = (cells[at] ?? '').trim()
    const isNothing = values.has(column) && isSilent(cell)
    if (isNothing && cell !== '') gapKind = 'word'
    fields[column] = isNothing ? '' : cell
  })
  // As in a wide file: the timestamp and shape are valid, and only the value is missing.
  const isWhole = cells.length >= columns.length && extra === undefined
  return { fields, extraCell: extra ?? null, gapKind: isWhole ? gapKind : null }
}

function readColumns({ header }: ExactTable): string[] {
  if (header === null) throw new NoHeaderError()
  const names = header.map((column) => column.trim())
  const unknown = names.find((name) => !knownFields.includes(name))
  if (unknown !== undefined) throw new UnknownColumnError({ column: unknown })
  if (new Set(names).size < names.length) throw new ColumnNamedTwiceError()
  for (const name of ['meter', 'start', 'duration_s']) {
    if (!names.includes(name)) throw new MissingColumnError({ columns: [name] })
  }
  const hasValue = names.includes('energy_wh') || names.includes('power_w')
  if (!hasValue) throw new MissingColumnError({ columns: ['energy_wh', 'power_w'] })
  return names
}
