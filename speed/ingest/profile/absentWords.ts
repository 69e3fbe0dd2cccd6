import type { Columns, ValueColumn } from './findColumns.ts'
import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'
import { isOfValue, statusPlaces } from './statusNames.ts'

const words = new Set([
  ...['missing', 'missing data', 'data missing', 'absent', 'absence', 'gap', 'no data', 'nodata'],
  ...['no value', 'no reading', 'not read', 'not measured', 'not available', 'unavailable', 'void'],
  ...['error', 'fault', 'failed', 'failure', 'invalid', 'bad', 'offline', 'dropout', 'defective'],
  ...['comm error', 'comm failure', 'communication error', 'communication failure', 'no signal'],
  ...['fehlt', 'fehlend', 'fehler', 'ungultig', 'lucke', 'datenlucke', 'kein wert', 'keine daten'],
  ...['ausfall', 'storung', 'gestort', 'defekt', 'nicht verfugbar', 'nicht gemessen'],
  ...['manquant', 'manquante', 'erreur', 'invalide', 'absente', 'indisponible', 'non disponible'],
  ...['donnee manquante', 'perte', 'en defaut', 'defaut', 'panne'],
  ...['ausente', 'falta', 'sin dato', 'sin datos', 'no disponible', 'no valido', 'invalido'],
  ...['falha', 'sem dados', 'em falta', 'indisponivel', 'erro'],
  ...['mancante', 'errore', 'guasto', 'assente', 'dato mancante', 'non valido'],
  ...['ontbreekt', 'ontbrekend', 'fout', 'ongeldig', 'geen data', 'storing', 'niet beschikbaar'],
  ...['brak', 'brak danych', 'blad', 'saknas', 'mangler', 'puuttuu', 'fel', 'fejl', 'feil'],
])

/** By value, the columns that say what it is worth and that are not read, such as Status. */
export type StatusOf = ReadonlyMap<ValueColumn, readonly number[]>

export function statusColumns(header: readonly string[], { at, layout, values }: Columns) {
  const read = new Set([...Object.values(at), ...values.map((each) => each.at)])
  const places = statusPlaces(header).filter((place) => !read.has(place))
  const of = (value: ValueColumn) =>
    places.filter((place) => {
      if (place === value.qualityAt) return false
      return layout !== 'wide' || isOfValue(place, { value, values, places })
    })
  return new Map(values.map((value) => [value, of(value)])) satisfies StatusOf
}

/** The word by which a row says that a value is none, unless the profile says what it means. */
export function absentWord(
  cells: readonly string[],
  columns: readonly number[],
  { quality = {} }: Profile,
): string | null {
  if (columns.length === 0) return null
  const said = new Set(Object.keys(quality).map(plainName))
  const at = columns.find((place) => {
    const word = plainName(cells[place] ?? '')
    return words.has(word) && !said.has(word)
  })
  return at === undefined ? null : cells[at]!.trim()
}
