import { NoNamesError } from '../../../schemas/errors/profile.ts'
import { WordNotReadError } from '../../../schemas/errors/profileField.ts'
import { isMeterId } from '../../../schemas/ids.ts'
import { isTableRefusal, type Table, type TableFormat } from '../table/table.ts'
import { profileNamed } from './builtInProfiles.ts'
import { type Columns, findColumns } from './findColumns.ts'
import { findMeter, type MeterFound } from './findMeter.ts'
import { lineOfUnits } from './lineOfUnits.ts'
import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'
import { refuseFlowAbove } from './refuseFlowAbove.ts'
import { withZoneWritten, type ZoneWritten, zoneWritten } from './zoneWritten.ts'

/** What is known of a table before its rows are read. */
export type Head = {
  /** With what the format and the lines around the header say. */
  readonly profile: Profile
  readonly columns: Columns
  readonly named: MeterFound
  readonly unitSaidBy: string
  readonly zoneOfFile: ZoneWritten | null
  /** By the profile, and not by the file. */
  readonly saidZone: string | undefined
}

/** @throws InvalidArgumentError where nothing says what the columns are, or which the meter is. */
export function readHead(table: Table, given: Profile): Head {
  const standard = withStandard(given, table.format)
  const ofLine = lineOfUnits(table, standard.unit)
  const withUnit = ofLine === null ? standard : { ...standard, unit: ofLine.unit }
  const columns = findColumns(table.header, withUnit, firstCells(table))
  const { header, preamble, headerLine } = table
  refuseUnnamed(table, columns)
  refuseWords(table, columns)
  refuseFlowAbove(table, withUnit, columns)
  const zoneOfFile = zoneWritten({ header, columns, preamble, headerLine })
  const named = findMeter(columns, { said: standard.meter, preamble })
  const unitSaidBy = ofLine === null ? 'set' : `line ${ofLine.line}, below the header`
  const profile = withZoneWritten(withUnit, zoneOfFile)
  return { profile, columns, named, unitSaidBy, zoneOfFile, saidZone: standard.zone }
}

/**
 * Where no line names the columns, a series has no meter unless it is said: one sentence, rather
 * than one for each cell.
 */
function refuseUnnamed({ header, headerLine }: Table, { layout, values }: Columns): void {
  if (headerLine !== null || layout !== 'wide') return
  const isUnnamed = values.every(({ meter }) => meter !== null && !isMeterId(meter))
  if (isUnnamed) throw new NoNamesError({ columns: header.length })
}

/** Columns of tidy rows by which these count otherwise, and which no profile has a field for. */
const words = new Set(['void', 'is void', 'standing', 'register rule'])

/** @throws WordNotReadError */
function refuseWords({ header }: Table, { layout, at }: Columns): void {
  if (layout !== 'tidy') return
  const read = new Set(Object.values(at))
  const column = header.find((name, place) => words.has(plainName(name)) && !read.has(place))
  if (column !== undefined) throw new WordNotReadError({ column: column.trim() })
}

/** Cells of the first row that has any. */
function firstCells(table: Table): readonly string[] {
  for (const row of table.rows()) if (!isTableRefusal(row)) return row.cells
  return []
}

/** Formats with one meaning only: their columns are not for detection. */
const standards: Readonly<Partial<Record<TableFormat, string>>> = {
  nem12: 'nem12',
  'espi-xml': 'green-button-xml',
}

function withStandard(profile: Profile, format: TableFormat): Profile {
  const name = standards[format]
  return name === undefined ? profile : { ...profileNamed(name), ...profile }
}
