import { invariant } from '../../schemas/errors/wattproofError.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { SourceColumn } from './viewColumns.ts'

/** A value of an answer: an instant is ISO 8601, an integer beyond 2^53 a string. */
export type Cell = string | number | boolean | null
export type CellRow = Readonly<Record<string, Cell>>

/** A row of a named query. */
export type StoredRow = Readonly<Record<string, unknown>>

/** A row of the store with the names and formats of the catalogue. */
export function toCells(columns: readonly SourceColumn[], row: StoredRow): CellRow {
  return Object.fromEntries(
    columns.map((column) => [column.name, toCell(column, row[column.source])]),
  )
}

/** Whole numbers from the store (64 bits come as text): a number where a double holds it. */
export function wholeNumber(value: unknown): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function toCell(column: SourceColumn, value: unknown): Cell {
  if (value === null || value === undefined) {
    invariant(column.isNullable, `${column.name} is missing in a row of ${column.source}.`)
    return null
  }
  if (column.kind === 'instant') return isoUtc(Number(value))
  if (column.kind === 'integer') return wholeNumber(value)
  if (column.kind === 'number') return Number(value)
  return column.kind === 'boolean' ? Boolean(value) : String(value)
}
