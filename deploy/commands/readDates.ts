import { DatesFileError } from '../../schemas/errors/commandLine.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { isoUtc } from '../../schemas/time.ts'
import { findStampReader } from '../../speed/ingest/profile/readStamp.ts'
import { openZone } from '../../speed/ingest/profile/zone.ts'
import { readTable } from '../../speed/ingest/table/readTable.ts'
import { isTableRefusal } from '../../speed/ingest/table/table.ts'
import { readLocalFile } from './localFiles.ts'

type DateCell = { readonly line: number; readonly text: string }

/**
 * The local dates of a file such as holidays: of its first column that has dates, in whatever
 * pattern, by the rules of files of readings.
 *
 * @throws DatesFileError with the line of a cell that is no date: a day that is left out in silence
 * would be a day that counts.
 */
export function readDates(file: string | undefined): string[] {
  if (file === undefined) return []
  const cells = datesOf(file)
  const texts = [...new Set(cells.map(({ text }) => text))]
  try {
    const given = { column: 'of dates', texts, isDecimalComma: false, zone: openZone('UTC') }
    const { reader } = findStampReader(given, undefined)
    return cells.map(({ line, text }) => {
      const stamp = reader.read(text)
      if (stamp === null) throw new DatesFileError({ file, line, value: text })
      return isoUtc(stamp.wallMs).slice(0, 10)
    })
  } catch (error) {
    if (!(error instanceof InvalidArgumentError) || error instanceof DatesFileError) throw error
    throw new DatesFileError({ file, line: cells[0]?.line ?? 1, value: error.message }, error)
  }
}

function datesOf(file: string): DateCell[] {
  const bytes = readLocalFile(file)
  // One date alone is no table, but a list of dates.
  const lines = bytes.toString('utf8').split(/\r\n?|\n/)
  const filled = lines.flatMap((text, at) => {
    return text.trim() === '' ? [] : [{ line: at + 1, text: text.trim() }]
  })
  if (filled.length === 0) throw new DatesFileError({ file, line: 1, value: '' })
  const isList = filled.every(({ text }) => !/[;,\t|]/.test(text))
  if (isList) return filled.filter(({ text }, at) => at > 0 || /\d/.test(text))
  const table = readTable(bytes, {})
  const rows = [...table.rows()].map((row) => {
    if (!isTableRefusal(row)) return row
    throw new DatesFileError({ file, line: row.line, value: row.detail })
  })
  const isDate = (text: string) => /\d/.test(text) && /^[\w\s./-]{6,}$/.test(text)
  const at = table.header.findIndex((_, column) => {
    return rows.every(({ cells }) => isDate(cells[column] ?? ''))
  })
  return rows.map(({ line, cells }) => ({ line, text: cells[Math.max(0, at)] ?? '' }))
}
