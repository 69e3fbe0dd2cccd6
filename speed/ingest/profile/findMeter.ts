import { ProfileFieldMissingError } from '../../../schemas/errors/profile.ts'
import { isMeterId } from '../../../schemas/ids.ts'
import type { Evidence, TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { plainName } from './readUnit.ts'

const names = [
  ...['meter', 'meter id', 'meter number', 'meter no', 'mpan', 'mprn', 'nmi', 'cpe', 'cups', 'pdl'],
  ...['identifiant prm', 'prm', 'usage point', 'codigo ponto de entrega'],
]

export type MeterFound = { readonly meter: string; readonly evidence: readonly Evidence[] }

/**
 * The meter of a file without a column that names it: said, or named above the header.
 *
 * @throws ProfileFieldMissingError where neither is so.
 */
export function findMeter(
  { layout, at }: Columns,
  given: { readonly said: string | undefined; readonly preamble: readonly TableRow[] },
): MeterFound {
  if (layout === 'wide' || at.meter !== undefined) return { meter: '', evidence: [] }
  if (given.said !== undefined) {
    return { meter: given.said, evidence: [{ field: 'meter', value: given.said, why: 'said' }] }
  }
  const found = meterAbove(given.preamble)
  if (found === null) {
    const why = 'Neither a column nor a line above the header names the meter'
    throw new ProfileFieldMissingError({ field: 'meter', why, say: 'M-1' })
  }
  const why = `line ${found.line}, above the header`
  return { meter: found.meter, evidence: [{ field: 'meter', value: found.meter, why }] }
}

function namesMeter(cell: string): boolean {
  return names.includes(plainName(cell))
}

/** The meter of a row that is nothing but its name and its number, or null. */
export function meterBeside(cells: readonly string[]): string | null {
  const [name = '', meter = '', ...others] = cells.map((cell) => cell.trim())
  const isAlone = others.every((cell) => cell === '')
  return isAlone && meter !== '' && namesMeter(name) ? meter : null
}

/** Beside its name, as in `Meter Number,0123`, or under it. */
function meterAbove(rows: readonly TableRow[]): { meter: string; line: number } | null {
  for (const [index, row] of rows.entries()) {
    const column = row.cells.findIndex(namesMeter)
    if (column < 0) continue
    const filled = row.cells.filter((cell) => cell.trim() !== '').length
    const beside = filled === 2 ? row : null
    const place = beside ?? rows[index + 1]
    const meter = (place?.cells[beside ? column + 1 : column] ?? '').trim()
    if (place && isMeterId(meter)) return { meter, line: place.line }
  }
  return null
}
