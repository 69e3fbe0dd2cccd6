import { FlowNotReadError } from '../../../schemas/errors/profileField.ts'
import type { Cell } from './cellsOfRows.ts'
import type { Columns } from './findColumns.ts'
import { flowOf, namesFedIn, namesProduced } from './flowWords.ts'
import type { Profile } from './profileShape.ts'
import { isStatusName } from './statusNames.ts'

type Rows = {
  readonly columns: Columns
  readonly header: readonly string[]
  readonly cells: readonly Cell[]
  readonly profile: Profile
}

/**
 * Refuses rows that say they are of what is fed in, in a column whose name says nothing of it: they
 * would be read as taken. A column counts if each of its words is a direction.
 *
 * @throws FlowNotReadError
 */
export function refuseUnreadFlow({ columns, header, cells, profile }: Rows): void {
  const { at, values, layout } = columns
  const isSaid = profile.columns !== undefined || profile.sign !== undefined
  if (isSaid || layout === 'wide' || values.some(({ isExport }) => isExport)) return
  if (at.flow !== undefined || at.channel !== undefined) return
  const read = new Set([...Object.values(at), ...values.map((value) => value.at)])
  for (const [place, column] of header.entries()) {
    if (read.has(place) || column.trim() === '' || isStatusName(column)) continue
    const word = fedInAmong(cells, place)
    if (word !== null) throw new FlowNotReadError({ column: column.trim(), word })
  }
}

/** The first word for what is fed in, of a column that has nothing but directions. */
function fedInAmong(cells: readonly Cell[], place: number): string | null {
  const words = new Set<string>()
  for (const { row } of cells) {
    const word = row.cells[place]?.trim() ?? ''
    if (word === '' || words.has(word)) continue
    if (!isDirection(word)) return null
    words.add(word)
  }
  // `Generation Building` is a place.
  const isPlace = (word: string) => !namesFedIn(word) && /\s/.test(word)
  for (const word of words) if (isFedIn(word) && !isPlace(word)) return word
  return null
}

function isFedIn(word: string): boolean {
  return namesFedIn(word) || namesProduced(word)
}

/** `1-1:1.8.0` and the like are what is taken. */
const takenByCode = /^(?:\d{1,3}-\d{1,3}:)?1\.(?:8|29)\.\d{1,3}$/

function isDirection(word: string): boolean {
  return isFedIn(word) || flowOf(word, {}) !== null || takenByCode.test(word)
}
