import type { DeadLetter } from '../../../schemas/reading/deadLetter.ts'
import type { EnrolledZones } from '../profile/chooseZone.ts'
import type { RawItem } from './rawRow.ts'
import { storedReadAs } from './readAs.ts'
import { rowsOfFrame } from './rowsOfFrame.ts'
import { rowsOfJson } from './rowsOfJson.ts'
import { rowsOfProfile } from './rowsOfProfile.ts'
import { itemsOfTidy } from './tidyRows.ts'

/**
 * The row or cell of a dead letter, read again exactly as it was read: no other cell of its row is.
 * Empty for a row that could not be cut into cells.
 *
 * @throws InvalidArgumentError where something else wrote it.
 */
export function rowsOfDeadLetter(
  deadLetter: DeadLetter,
  enrolled?: EnrolledZones,
): Iterable<RawItem> {
  const readAs = storedReadAs(deadLetter)
  const original = Buffer.from(deadLetter.originalBase64, 'base64')
  switch (readAs.kind) {
    case 'frame':
      return rowsOfFrame(original)
    case 'element':
      return itemsOfElement(original, readAs.zone, enrolledIn(readAs.zone, enrolled))
    case 'reading': {
      const element = new TextEncoder().encode(JSON.stringify(readAs.reading))
      return itemsOfElement(element, undefined, enrolled)
    }
    case 'cell': {
      const text = [readAs.header, readAs.cells].map((row) => row.map(quoted).join(',')).join('\n')
      const file = { format: 'csv', encoding: 'utf-8', delimiter: ',', headerRow: 1 } as const
      const body = new TextEncoder().encode(`${text}\n`)
      const { zone, ...profile } = readAs.profile
      const known = enrolledIn(zone, enrolled)
      return rowsOfProfile(body, { ...profile, ...file }, { cellsMax: 1, enrolled: known })
    }
    case 'row':
      return []
  }
}

function itemsOfElement(
  original: Uint8Array,
  zone: string | undefined,
  enrolled: EnrolledZones | undefined,
): Iterable<RawItem> {
  return itemsOfTidy(rowsOfJson([{ line: 1, original }], zone), undefined, enrolled).items
}

/**
 * The zone that a row was read in is the one it is read in again. It may be of an enrolment, which
 * has names that nobody may say (`clockOfTaken`).
 */
function enrolledIn(zone: string | undefined, enrolled: EnrolledZones | undefined) {
  return zone === undefined ? enrolled : { zoneOf: () => undefined, taken: zone }
}

/** Also an empty cell is quoted: a row of empty ones would be a blank line. */
function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}
