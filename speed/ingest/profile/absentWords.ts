import type { Columns } from './findColumns.ts'
import { plainName } from './readUnit.ts'

const names = /^(?:(?:data|reading|value|meter|row) )?(?:status|state|validity|quality|flag)$/
const words = new Set([
  ...['missing', 'absent', 'error', 'fault', 'failed', 'failure', 'invalid', 'no data', 'nodata'],
  ...['not available', 'offline', 'no reading', 'fehlt', 'fehlend', 'fehler', 'ungultig'],
  ...['manquant', 'manquante', 'erreur', 'invalide', 'ausente', 'mancante', 'errore', 'falta'],
  ...['ontbreekt', 'fout', 'ongeldig', 'brak', 'blad', 'saknas', 'mangler', 'puuttuu'],
])

/** Columns that say what a value is worth and that are not read, such as Status. */
export function statusColumns(header: readonly string[], { at, values }: Columns): number[] {
  const read = new Set([...Object.values(at), ...values.map((each) => each.at)])
  return header.flatMap((name, place) =>
    !read.has(place) && names.test(plainName(name)) ? place : [],
  )
}

/** The word by which a row says that its value is none. */
export function absentWord(cells: readonly string[], columns: readonly number[]): string | null {
  const at = columns.find((place) => words.has(plainName(cells[place] ?? '')))
  return at === undefined ? null : cells[at]!.trim()
}
