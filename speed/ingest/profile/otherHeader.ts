import { refuse } from '../refusal.ts'
import { decodeText } from '../splitLines.ts'
import { isTableRefusal, type TableRefusal, type TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { isStampName } from './findRoles.ts'
import { namesFedIn } from './flowWords.ts'
import type { OtherTable } from './reading.ts'
import { plainName } from './readUnit.ts'

export type TableNames = { readonly columns: Columns; readonly header: readonly string[] }

/** The other table that begins with this row, if its names are those of one. */
export function otherTableAt(row: TableRow | TableRefusal, table: TableNames): OtherTable | null {
  const { columns, header } = table
  const title = titleOf(row)
  if (title !== null) return { line: row.line, ...refuse('other-section', { title }) }
  if (isTableRefusal(row)) return null
  const at = columns.at.start ?? columns.at.date ?? columns.at.end ?? 0
  const stamp = row.cells[at]?.trim() ?? ''
  // A row with a stamp in its place, as nearly all have, is no header.
  if (/\d/.test(stamp)) return null
  if (!hasSameName(row, header[at] ?? '') && !namesOthers(row, table, stamp)) return null
  const isSame = header.every((each, index) => each.trim() === (row.cells[index] ?? '').trim())
  return isSame ? null : { line: row.line, ...refuse('other-columns') }
}

/**
 * The one cell of a row that says what the rows below are of: what was fed in, or another unit. A
 * remark or a sum is no such title, and costs its own row.
 */
function titleOf(row: TableRow | TableRefusal): string | null {
  const [title = '', ...others] = cellsOf(row).filter((cell) => cell.trim() !== '')
  if (title === '' || others.length > 0 || title.split(/\s+/).length > titleWordsMax) return null
  const isOfUnit = withUnit.test(title) || otherMedium.test(plainName(title))
  if (/\d/.test(title.replace(volume, ''))) return null
  return isOfUnit || namesFedIn(title) || isFlow(title) ? title.trim() : null
}

const titleWordsMax = 4
const volume = /\b(?:m|ft)(?:3\b|³)/
const otherMedium = /^(?:(?:natural )?gas|gaz|water|wasser|eau|agua|heat|warme)(?: (?:m|ft) ?3?)?$/

function isFlow(title: string): boolean {
  return /^(?:grid )?(?:import|bezug|production|generation|produktion|erzeugung)$/.test(
    plainName(title),
  )
}

/** The cells of a row, also where it was refused for having others than the table. */
export function cellsOf(row: TableRow | TableRefusal): readonly string[] {
  if (!isTableRefusal(row)) return row.cells
  const cells = (decodeText(row.original) ?? '').split(/[,;\t|]/)
  return cells.map((cell) => cell.replaceAll('"', '').trim())
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
