import { DatesFileError, DatesRangeError } from '../../schemas/errors/commandLine.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { isoUtc } from '../../schemas/time.ts'
import { findStampReader } from '../../speed/ingest/profile/readStamp.ts'
import { openZone } from '../../speed/ingest/profile/zone.ts'
import { readTable } from '../../speed/ingest/table/readTable.ts'
import { isTableRefusal } from '../../speed/ingest/table/table.ts'
import { readLocalFile } from './localFiles.ts'

type DateCell = { readonly line: number; readonly text: string }
type DateColumn = { readonly name: string; readonly cells: readonly DateCell[] }

/**
 * The local dates of a file such as holidays: of its first column that has dates, in whatever
 * pattern, by the rules of files of readings. An instant is of its day on the clock of the zone.
 *
 * @throws DatesFileError with the line of a cell that is no date: a day that is left out in silence
 * would be a day that counts; DatesRangeError where another column has other dates.
 */
export function readDates(file: string | undefined, zone: string): string[] {
  if (file === undefined) return []
  const [column, ...others] = datesOf(file)
  const dates = readColumn(column!, { file, zone })
  for (const { name, cells } of others) {
    const found = datesOrNull({ name, cells }, { file, zone })
    const at = found?.findIndex((date, index) => date !== dates[index]) ?? -1
    if (at < 0) continue
    throw new DatesRangeError({
      file,
      line: cells[at]!.line,
      columns: `${column!.name} and ${name}`,
    })
  }
  return dates
}

type Reading = { readonly file: string; readonly zone: string }

function readColumn({ cells }: DateColumn, { file, zone }: Reading): string[] {
  const texts = [...new Set(cells.map(({ text }) => text))]
  const clock = openZone(zone)
  try {
    const given = { column: 'of dates', texts, isDecimalComma: false, zone: clock }
    const { reader } = findStampReader(given, undefined)
    return cells.map(({ line, text }) => {
      const stamp = reader.read(text)
      if (stamp === null) throw new DatesFileError({ file, line, value: text })
      const { wallMs, offsetMs } = stamp
      const localMs = offsetMs === null ? wallMs : clock.wallOf(wallMs - offsetMs)
      return isoUtc(localMs).slice(0, 10)
    })
  } catch (error) {
    if (!(error instanceof InvalidArgumentError) || error instanceof DatesFileError) throw error
    throw new DatesFileError({ file, line: cells[0]?.line ?? 1, value: error.message }, error)
  }
}

/** Null where not every cell is a date, as in a column of names such as `New Year 2024`. */
function datesOrNull(column: DateColumn, reading: Reading): string[] | null {
  try {
    return readColumn(column, reading)
  } catch (error) {
    if (error instanceof DatesFileError) return null
    throw error
  }
}

/** The columns that look like dates, or the first one. */
function datesOf(file: string): readonly DateColumn[] {
  const bytes = readLocalFile(file)
  // One date alone is no table, but a list of dates.
  const lines = bytes.toString('utf8').split(/\r\n?|\n/)
  const filled = lines.flatMap((text, at) => {
    return text.trim() === '' ? [] : [{ line: at + 1, text: text.trim() }]
  })
  if (filled.length === 0) throw new DatesFileError({ file, line: 1, value: '' })
  const isList = filled.every(({ text }) => !/[;,\t|]/.test(text))
  if (isList) {
    return [{ name: '', cells: filled.filter(({ text }, at) => at > 0 || /\d/.test(text)) }]
  }
  const table = readTable(bytes, {})
  const rows = [...table.rows()].map((row) => {
    if (!isTableRefusal(row)) return row
    throw new DatesFileError({ file, line: row.line, value: row.detail })
  })
  const isDate = (text: string) => /\d/.test(text) && /^[\w\s./:+-]{6,}$/.test(text)
  const columns = table.header.map((name, at): DateColumn => {
    return { name, cells: rows.map(({ line, cells }) => ({ line, text: cells[at] ?? '' })) }
  })
  const dated = columns.filter(({ cells }) => cells.every(({ text }) => isDate(text)))
  return dated.length > 0 ? dated : columns.slice(0, 1)
}
