import { refuse } from '../refusal.ts'
import { isTableRefusal, type TableRefusal, type TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { isStampName } from './findRoles.ts'
import type { OtherTable } from './reading.ts'

export type TableNames = { readonly columns: Columns; readonly header: readonly string[] }

/** The other table that begins with this row, if its names are those of one. */
export function otherTableAt(row: TableRow | TableRefusal, table: TableNames): OtherTable | null {
  const { columns, header } = table
  if (isTableRefusal(row)) return null
  const at = columns.at.start ?? columns.at.date ?? columns.at.end ?? 0
  const stamp = row.cells[at]?.trim() ?? ''
  // A row with a stamp in its place, as nearly all have, is no header.
  if (/\d/.test(stamp)) return null
  if (!hasSameName(row, header[at] ?? '') && !namesOthers(row, table, stamp)) return null
  const isSame = header.every((each, index) => each.trim() === (row.cells[index] ?? '').trim())
  return isSame ? null : { line: row.line, ...refuse('other-columns') }
}

/** Files that were joined: the names are there again, and some are others. */
function hasSameName({ cells }: TableRow, header: string): boolean {
  const name = header.trim().toLowerCase()
  return name !== '' && cells.some((cell) => cell.trim().toLowerCase() === name)
}

/** Another table below: a name of a stamp, or one with a unit, and words where numbers are. */
function namesOthers({ cells }: TableRow, { columns }: TableNames, stamp: string): boolean {
  const values = columns.values.map(({ at }) => cells[at]?.trim() ?? '').filter(Boolean)
  if (stamp === '' || values.length === 0 || values.some((cell) => !isWord(cell))) return false
  return values.some((cell) => withUnit.test(cell)) || isStampName(stamp)
}

function isWord(cell: string): boolean {
  return /^[^\d.,+-]*\p{L}/u.test(cell) && !/^(?:na|n\/a|nan|null|none)$/i.test(cell)
}

const withUnit = /(?:^|[\s_([])[kKmM]?(?:[wW]h?|[vV][aA][rR]?h?)\s*[)\]]?$/
