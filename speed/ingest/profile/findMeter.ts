import { NoMeterError } from '../../../schemas/errors/profileField.ts'
import { isMeterId } from '../../../schemas/ids.ts'
import type { Evidence, TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { plainName } from './readUnit.ts'

const names = [
  ...['meter', 'meter id', 'meter number', 'meter no', 'mpan', 'mprn', 'nmi', 'cpe', 'cups', 'pdl'],
  ...['identifiant prm', 'prm', 'usage point', 'codigo ponto de entrega'],
]

export type MeterFound = {
  readonly meter: string
  /** Named above the header, whether or not another one is said. */
  readonly above: string | null
  readonly evidence: readonly Evidence[]
}

/**
 * The meter of a file without a column that names it: said, or named above the header.
 *
 * @throws NoMeterError
 */
export function findMeter(
  { layout, at }: Columns,
  given: { readonly said: string | undefined; readonly preamble: readonly TableRow[] },
): MeterFound {
  if (layout === 'wide' || at.meter !== undefined) return { meter: '', above: null, evidence: [] }
  const found = meterAbove(given.preamble)
  const above = found?.meter ?? null
  const { said } = given
  if (said !== undefined) {
    return { meter: said, above, evidence: [{ field: 'meter', value: said, why: 'set' }] }
  }
  if (found === null) throw new NoMeterError()
  const why = `line ${found.line}, above the header`
  return { meter: found.meter, above, evidence: [{ field: 'meter', value: found.meter, why }] }
}

export function namesMeter(cell: string): boolean {
  return names.includes(plainName(cell))
}

/**
 * The meter that a row names: beside its name, as in `Meter Number,0123`, or under it, where the
 * row below has it.
 */
export function meterNamed(cells: readonly string[], below?: readonly string[]): string | null {
  const column = cells.findIndex(namesMeter)
  if (column < 0) return null
  const [beside, under] = [cells[column + 1], below?.[column]].map((cell) => (cell ?? '').trim())
  const filled = cells.filter((cell) => cell.trim() !== '').length
  // What is beside may be the name of another column, such as that of the customer.
  const isName = !/\d/.test(beside!) && /\d/.test(under!)
  const meter = filled === 2 && !isName ? beside! : under!
  return isMeterId(meter) ? meter : null
}

function meterAbove(rows: readonly TableRow[]): { meter: string; line: number } | null {
  for (const [index, row] of rows.entries()) {
    const below = rows[index + 1]
    const meter = meterNamed(row.cells, below?.cells)
    if (meter === null) continue
    const isBeside = row.cells.some((cell) => cell.trim() === meter)
    return { meter, line: isBeside ? row.line : below!.line }
  }
  return null
}
