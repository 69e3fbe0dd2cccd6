import { TableTooLargeError } from '../../../schemas/errors/table.ts'
import { knownFields } from '../draft.ts'
import { tableLimits } from '../limits.ts'
import type { EnrolledZones } from '../profile/chooseZone.ts'
import type { Profile } from '../profile/profileShape.ts'
import { hasByteOrderMark, type NumberedLine, splitLines } from '../splitLines.ts'
import { exactTable } from '../table/exactTable.ts'
import { elementsOfArray } from '../table/jsonElements.ts'
import { rowsOfJson } from './rowsOfJson.ts'
import { rowsOfTidy } from './rowsOfTidy.ts'
import { type ItemsOfTidy, itemsOfTidy, type TidyRow } from './tidyRows.ts'

type Exact = 'CSV' | 'JSON' | 'NDJSON'

/**
 * Whether a file has the columns of a reading by their own names, so that nothing of it has to be
 * found. A profile that says more than format and zone is for another kind of file.
 */
export function isExactlyTidy(bytes: Uint8Array, profile: Profile): boolean {
  const { zone: _, layout, format, ...others } = profile
  const isOther = Object.keys(others).length > 0 || (layout !== undefined && layout !== 'tidy')
  return !isOther && exactFormat(bytes, format) !== null
}

/** The rows of such a file. */
export function itemsOfExact(
  bytes: Uint8Array,
  { zone, format: said }: Profile,
  enrolled?: EnrolledZones,
): ItemsOfTidy & { format: Exact; headerLine: number | null } {
  const format = exactFormat(bytes, said) ?? 'CSV'
  const read = itemsOfTidy(bounded(rowsOf(bytes, format, zone)), zone, enrolled)
  return { ...read, format, headerLine: format === 'CSV' ? exactTable(bytes).headerLine : null }
}

function rowsOf(bytes: Uint8Array, format: Exact, zone: string | undefined): Iterable<TidyRow> {
  if (format === 'CSV') return rowsOfTidy(bytes)
  return rowsOfJson(elementsOf(bytes, format), zone)
}

function* bounded(rows: Iterable<TidyRow>): Generator<TidyRow> {
  const { cellsMax: max } = tableLimits
  let count = 0
  for (const row of rows) {
    count++
    if (count > max)
      throw new TableTooLargeError({ what: 'The file', size: null, max, unit: 'rows' })
    yield row
  }
}

function exactFormat(bytes: Uint8Array, said: Profile['format']): Exact | null {
  if (said === 'ndjson') return isReading(splitLines(bytes)) ? 'NDJSON' : null
  if (said === 'json') return isReading(elementsOf(bytes, 'JSON')) ? 'JSON' : null
  if (said !== undefined && said !== 'csv') return null
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, headBytes))
  const first = /[^\s\u00ef\u00bb\u00bf]/.exec(head)?.[0]
  if (first === '{') return isReading(splitLines(bytes)) ? 'NDJSON' : null
  if (first === '[') return isReading(elementsOf(bytes, 'JSON')) ? 'JSON' : null
  const isMarked = bytes[0] === 0xff || bytes[0] === 0xfe
  if (isMarked || head.includes('\0')) return null
  const [line = ''] = head.split(/[\r\n]/).filter((each) => each.trim() !== '')
  const names = line.split(',').map((name) => name.trim().replace(/^(?:ï»¿)?"?(.*?)"?$/, '$1'))
  return namesReading(names) ? 'CSV' : null
}

const headBytes = 4096

function elementsOf(bytes: Uint8Array, format: Exact): Iterable<NumberedLine> {
  if (format === 'NDJSON') return splitLines(bytes)
  return elementsOfArray(bytes, hasByteOrderMark(bytes) ? 3 : 0)
}

/** One of the first elements: a bad one costs no other. */
function isReading(elements: Iterable<NumberedLine>): boolean {
  let looked = 0
  for (const { original } of elements) {
    if (++looked > elementsLookedAt) return false
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(original))
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      const names = Object.keys(value)
      if (names.length > 0) return namesReading(names) || namesRegister(names)
    } catch {
      // Not swallowed: the element is refused by itself when its row is read.
    }
  }
  return true
}

const elementsLookedAt = 20

/** All that a reading has to have, or nothing else than what it may have. */
function namesReading(names: readonly string[]): boolean {
  const has = (name: string) => names.includes(name)
  const isWhole = has('meter') && has('start') && has('duration_s')
  if (isWhole && (has('energy_wh') || has('power_w'))) return true
  return names.length > 1 && names.every((name) => knownFields.includes(name))
}

/** JSON may have `register_wh`; a CSV with it is a table (`registerFile.ts`). */
function namesRegister(names: readonly string[]): boolean {
  return ['meter', 'start', 'register_wh'].every((name) => names.includes(name))
}
