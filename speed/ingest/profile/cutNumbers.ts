import { NumbersCutError } from '../../../schemas/errors/profileColumn.ts'
import type { TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { isRemark } from './knownNames.ts'
import type { Profile } from './profileShape.ts'

type Cell = {
  readonly row: TableRow
  readonly column: { readonly at: number }
  readonly value: string
}

type Names = {
  readonly columns: Columns
  readonly header: readonly string[]
  /** Only a comma between cells cuts a number that has a comma. */
  readonly delimiter: string | null
}

/** A number right of a value, in a column without a name, such as the 5 of an unquoted `0,5`. */
export function hasUnnamedNumber({ cells }: TableRow, names: Names): boolean {
  const { columns, header, delimiter } = names
  if (delimiter !== ',') return false
  return columns.values.some(({ at }) => {
    const name = header[at + 1]
    return name !== undefined && name.trim() === '' && /^\s*\d/.test(cells[at + 1] ?? '')
  })
}

/** So many rows are no chance. */
const rowsMin = 2
/** Few numbers over and over are codes. */
const codesMin = 8

/**
 * Refuses a file that has whole numbers in most cells of a column of remarks that are not empty,
 * and whole numbers left of them: a decimal comma has cut them in two.
 *
 * @throws NumbersCutError
 */
export function refuseCutNumbers(
  cells: readonly Cell[],
  { columns, header, delimiter, profile }: Names & { readonly profile: Profile },
): void {
  if (delimiter !== ',' || profile.decimal === '.') return
  for (const { at } of columns.values) {
    const name = header[at + 1] ?? ''
    if (!isRemark(name) || columns.values.some((other) => other.at === at + 1)) continue
    const beside = ({ row }: Cell) => (row.cells[at + 1] ?? '').trim()
    const rows = cells.filter((cell) => cell.column.at === at && beside(cell) !== '')
    const cut = rows.filter((cell) => isWhole(cell.value) && isWhole(beside(cell)))
    const kinds = new Set(cut.map(beside))
    const isChance = cut.length < rowsMin || cut.length * 2 <= rows.length
    if (isChance || isCode(kinds) || cut.length > kinds.size * codesMin) continue
    const [{ row, value: left }] = cut as [Cell]
    throw new NumbersCutError({ line: row.line, column: name, left, right: beside(cut[0]!) })
  }
}

/** One number over and over, or a flag. */
function isCode(kinds: ReadonlySet<string>): boolean {
  return kinds.size < 2 || [...kinds].every((each) => each === '0' || each === '1')
}

function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text)
}
