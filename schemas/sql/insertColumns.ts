import type { RowSetName, rowSets } from './rowSets.ts'
import type { NullableType, PlainType } from './storedTypes.ts'

/**
 * Rows as columns, for `views.insert(NAME, …)`: by name one value a row, or one for all rows. A
 * column may be longer than the rows: what follows them is not looked at.
 *
 * Nullable columns may be left out; within one of numbers, NaN is null.
 */
export type InsertColumns<Name extends RowSetName> = {
  readonly rows: number
  readonly columns: ColumnsOf<(typeof rowSets)[Name]>
}

type ColumnsOf<Of> = {
  readonly [Column in keyof Of as Of[Column] extends PlainType ? Column : never]: ColumnOf<
    Of[Column]
  >
} & {
  readonly [Column in keyof Of as Of[Column] extends NullableType ? Column : never]?: ColumnOf<
    Of[Column]
  >
}

type ColumnOf<Type> = Type extends 'String' | 'Nullable(String)'
  ? TextColumn
  : Type extends 'UInt128'
    ? WideColumn
    : NumberColumn

export type InsertColumn = NumberColumn | TextColumn | WideColumn

/** Instants and 64-bit integers are safe integers or bigints; flags are 0 and 1. */
export type NumberColumn =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigUint64Array

/** Integers of 128 bits: what all rows share, and what each adds to it; no bigint a row. */
export type WideColumn = {
  readonly base: bigint
  /** Safe integers from 0 on; one for all rows too. */
  readonly added: Float64Array
}

/** Texts, of which some may be many rows'. */
export type TextColumn = {
  /** One may be listed more than once. */
  readonly texts: readonly string[]
  /** By row, the place in `texts`; one for all rows too. */
  readonly indexes: Uint32Array
}

/** One text for all rows. */
export function sameText(text: string): TextColumn {
  return { texts: [text], indexes: firstText }
}

const firstText = Uint32Array.of(0)

/** How many values a column has: one a row, or one. */
export function lengthOf(column: InsertColumn): number {
  if ('texts' in column) return column.indexes.length
  return 'added' in column ? column.added.length : column.length
}

/** How many rows an insert has, in either form. */
export function countInserted(given: readonly unknown[] | { readonly rows: number }): number {
  return 'rows' in given ? given.rows : given.length
}
