import type { InsertColumn, InsertColumns } from '../../schemas/sql/insertColumns.ts'
import { type InsertRow, type RowSetName, rowSets } from '../../schemas/sql/rowSets.ts'

import type { AdvanceChangesReturnType } from '../microbatch/advanceChanges.ts'
import { type Basis, deviationRows, groupRows } from '../publish/speedRows.ts'

/** Rows of `speed_deviation` that are published, as objects. */
export function liveRows(
  basis: Basis,
  deviations: AdvanceChangesReturnType['deviations'],
): InsertRow<'speed_deviation'>[] {
  return rowsOfColumns('speed_deviation', deviationRows(basis, deviations))
}

/** Rows of `speed_group` that are published, as objects. */
export function sumRows(
  basis: Basis,
  groups: AdvanceChangesReturnType['groups'],
): InsertRow<'speed_group'>[] {
  return rowsOfColumns('speed_group', groupRows(basis, groups))
}

/** The rows that columns stand for. */
function rowsOfColumns<Name extends RowSetName>(
  rowSet: Name,
  { rows, columns }: InsertColumns<Name>,
): InsertRow<Name>[] {
  const types = Object.entries<string>(rowSets[rowSet])
  const given = columns as Readonly<Record<string, InsertColumn | undefined>>
  return Array.from({ length: rows }, (_, row) => {
    const cells = types.map(([name, type]) => [name, cellOf(given[name], type, row)])
    return Object.fromEntries(cells) as InsertRow<Name>
  })
}

function cellOf(column: InsertColumn | undefined, type: string, row: number) {
  if (column === undefined) return null
  if ('texts' in column) return column.texts[at(column.indexes, row)]
  if ('added' in column) return column.base + BigInt(at(column.added, row))
  const value = at<number | bigint>(column, row)
  if (type === 'Bool') return value === 1
  return type.startsWith('Nullable') && Number.isNaN(value) ? null : value
}

function at<Value>(column: ArrayLike<Value>, row: number): Value {
  return column[column.length === 1 ? 0 : row]!
}
