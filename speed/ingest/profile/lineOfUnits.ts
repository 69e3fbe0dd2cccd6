import { ContradictionError, UnitsDifferError } from '../../../schemas/errors/profile.ts'
import { unitsIn } from '../table/headerAbove.ts'
import type { Table } from '../table/table.ts'
import type { Unit } from './profileShape.ts'
import { plainName, unitNamed } from './readUnit.ts'

export type LineOfUnits = { readonly unit: Unit; readonly line: number }

/**
 * The unit that a second line of the header, such as `,kWh,kWh`, gives all values. Null where there
 * is no such line, or its unit is not known.
 *
 * @throws UnitsDifferError where it says several; ContradictionError where another one was said.
 */
export function lineOfUnits(table: Table, said: Unit | undefined): LineOfUnits | null {
  refuseOtherUnitAbove(table, said)
  const { headerLine, preamble } = table
  const row = headerLine === null ? undefined : preamble.find(({ line }) => line > headerLine)
  if (!row) return null
  const { line } = row
  const units = [...new Set(unitsIn(row.cells).map((text) => unitNamed(text) ?? text))]
  if (units.length > 1) throw new UnitsDifferError({ line, units })
  const unit = unitNamed(units[0] ?? '')
  if (unit === null) return null
  if (said === undefined || said === unit) return { unit, line }
  throw new ContradictionError({ field: 'unit', said, found: unit, where: `line ${line} says` })
}

const unitWords = /^(units?|uom|einheit|unite|unidad|unidade|unita|eenheid)$/

/**
 * A unit above the header, beside its word or under it, is of all values.
 *
 * @throws ContradictionError where another one was said.
 */
function refuseOtherUnitAbove({ preamble, headerLine }: Table, said: Unit | undefined): void {
  if (said === undefined || headerLine === null) return
  const above = preamble.filter(({ line }) => line < headerLine)
  for (const [at, { cells, line }] of above.entries()) {
    const column = cells.findIndex((cell) => unitWords.test(plainName(cell)))
    if (column < 0) continue
    const beside = unitWritten(cells[column + 1])
    const found = beside ?? unitWritten(above[at + 1]?.cells[column])
    const where = `line ${beside === null ? (above[at + 1]?.line ?? line) : line} says`
    if (found !== null && found !== said) {
      throw new ContradictionError({ field: 'unit', said, found, where })
    }
  }
}

/** A unit of energy, or one of volume, heat, reactive or apparent energy. */
function unitWritten(text = ''): string | null {
  const unit = text.trim()
  return unitNamed(unit) ?? (otherUnit.test(unit) ? unit : null)
}

const otherUnit =
  /^(?:(?:m|ft)[3³]|ccf|therms?|[gm]j|m?btu|k?varh?|k?vah?|gal(?:lons)?|lit(?:er|re)s?)$/i
