import { EmptyTableError, WrongFormatError } from '../../../schemas/errors/table.ts'
import { csvTable } from './csvTable.ts'
import { encodingOfXml, findEncoding } from './encoding.ts'
import { espiTable } from './espiTable.ts'
import { formatOfText, isArchive, refuseBinary } from './findFormat.ts'
import { jsonTable } from './jsonTable.ts'
import { nem12Table } from './nem12Table.ts'
import type { Table, TableProfile } from './table.ts'
import { xlsxTable } from './xlsxTable.ts'

/**
 * A file as a table of text. What the profile does not say is detected, and the table has the
 * evidence; a row that cannot be read is refused while its rows are iterated, and costs no other.
 *
 * @throws InvalidArgumentError where the whole file cannot be read, or can be in two ways.
 */
export function readTable(bytes: Uint8Array, profile: TableProfile): Table {
  if (bytes.length === 0) throw new EmptyTableError({ bytes: 0 })
  const stated = profile.format
  if (isArchive(bytes)) {
    if (stated !== undefined && stated !== 'xlsx') {
      throw new WrongFormatError({ stated, isArchive: true })
    }
    return xlsxTable(bytes, profile)
  }
  refuseBinary(bytes)
  if (stated === 'xlsx') throw new WrongFormatError({ stated, isArchive: false })
  const encoding = findEncoding(bytes, profile.encoding ?? encodingOfXml(bytes))
  const format = stated ?? formatOfText(encoding.reader)
  if (format === 'json' || format === 'ndjson') return jsonTable(encoding, format)
  if (format === 'espi-xml') return espiTable(encoding)
  if (format === 'nem12') return nem12Table(encoding)
  return csvTable(encoding, profile)
}
