import { insertRowsMax } from '../../../schemas/ports/views.ts'
import type { Rows } from './columnCells.ts'
import { checkColumns, encodeColumns, type GivenColumns, withoutDefaults } from './encodeColumns.ts'
import { type Columns, encodeRows, type Row } from './encodeRows.ts'

/** Columns are encoded in a tenth of the time, and each part less is a part less to merge. */
const columnsAtOnce = 200_000

/** What `views.insert` is given. */
export type AnyInserted = readonly Row[] | { readonly rows: number; readonly columns: GivenColumns }

/** The columns that an insert names, the bytes of some of its rows, and how many go at once. */
export function encoderOf(types: Columns, inserted: AnyInserted) {
  if (!('columns' in inserted)) {
    const encode = ({ from, to }: Rows) => encodeRows(types, inserted.slice(from, to))
    return { columns: types, encode, rowsMax: insertRowsMax }
  }
  // Before the first request: what is too short for the last one leaves nothing stored.
  checkColumns(types, inserted.columns, inserted.rows)
  const { columns, given } = withoutDefaults(types, inserted.columns)
  const encode = (rows: Rows) => encodeColumns(columns, given, rows)
  return { columns, encode, rowsMax: columnsAtOnce }
}
