import { ContradictionError, TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { NoUnitError } from '../../../schemas/errors/profileField.ts'
import type { Evidence } from '../table/table.ts'
import type { Cell } from './cellsOfRows.ts'
import type { Columns, ValueColumn } from './findColumns.ts'
import type { Profile, Unit } from './profileShape.ts'
import { quantityOf, unitNamed, unitOfHeader } from './readUnit.ts'

/** The unit of a cell, or the text of an unknown unit. */
export type UnitOf = (cell: Cell) => Unit | { readonly unknown: string }

export type UnitsFound = { readonly unitOf: UnitOf; readonly evidence: readonly Evidence[] }

type Context = {
  readonly columns: Columns
  readonly profile: Profile
  readonly cells: readonly Cell[]
  /** Where the unit of the profile comes from. */
  readonly saidBy: string
}

/**
 * The unit of each value: of the profile, of a column of units, or of the name of the column.
 *
 * @throws ContradictionError where they differ; NoUnitError where nothing names it.
 */
export function findUnits({ columns, profile, cells, saidBy }: Context): UnitsFound {
  const said = profile.unit
  if (said !== undefined) checkQuantity(said, profile)
  const at = columns.at.unit
  if (at !== undefined && columns.layout === 'tidy') return unitsOfColumn({ at, said, cells })
  const isSeries = columns.layout === 'wide'
  const byColumn = new Map<ValueColumn, Unit>()
  const evidence: Evidence[] = []
  for (const column of columns.values) {
    const named = namedUnit(column, isSeries)
    if (said !== undefined) refuseOtherName(column, said)
    if (named !== null && said !== undefined && named !== said) {
      const where = `column ${column.header} says`
      throw new ContradictionError({ field: 'unit', said, found: named, where })
    }
    const unit = said ?? named
    if (unit === null) throw new NoUnitError({ column: column.header })
    checkQuantity(unit, profile)
    byColumn.set(column, unit)
    const why = said === undefined ? `name of column ${column.header}` : saidBy
    if (!evidence.some((each) => each.value === unit)) {
      evidence.push({ field: 'unit', value: unit, why })
    }
  }
  return { unitOf: ({ column }) => byColumn.get(column)!, evidence }
}

/** The name of a series may end like a unit by chance only where it is one letter. */
function refuseOtherName({ header }: ValueColumn, said: Unit): void {
  const found = unitOfHeader(header, false)
  if (found === null || found.length < 2 || found === said) return
  throw new ContradictionError({ field: 'unit', said, found, where: `column ${header} says` })
}

function namedUnit({ header }: ValueColumn, isSeries: boolean): Unit | null {
  const unit = unitOfHeader(header, isSeries)
  if (unit !== null || !/[([]\s*mwh?\s*[)\]]/.test(header)) return unit
  throw new TwoAnswersError({
    ...{ field: 'unit', left: 'milliwatt-hours', right: 'megawatt-hours' },
    example: `The name ${header}`,
  })
}

function checkQuantity(unit: Unit, { quantity }: Profile): void {
  if (quantity === undefined) return
  const expected = quantity === 'power' ? 'power' : 'energy'
  if (quantityOf(unit) === expected) return
  throw new ContradictionError({
    ...{ field: 'quantity', said: quantity, found: unit, where: 'the unit is' },
  })
}

function unitsOfColumn(given: {
  readonly at: number
  readonly said: Unit | undefined
  readonly cells: readonly Cell[]
}): UnitsFound {
  const { at, said, cells } = given
  const textOf = ({ row }: Cell) => (row.cells[at] ?? '').trim()
  const texts = [...new Set(cells.map(textOf))].filter((text) => text !== '')
  const other = texts.find((text) => unitNamed(text) !== null && unitNamed(text) !== said)
  if (said !== undefined && other !== undefined) {
    const where = 'the column of units says'
    throw new ContradictionError({ field: 'unit', said, found: other, where })
  }
  const why = said === undefined ? 'a column of the file' : 'set'
  const evidence = [{ field: 'unit', value: said ?? texts.slice(0, 3).join(', '), why }]
  return {
    evidence,
    unitOf: (cell) => {
      const text = textOf(cell)
      return (text === '' ? said : unitNamed(text)) ?? { unknown: text }
    },
  }
}
