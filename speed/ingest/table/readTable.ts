import { EmptyTableError } from '../../../schemas/errors/table.ts'
import { csvTable } from './csvTable.ts'
import { findEncoding } from './encoding.ts'
import { refuseBinary } from './findFormat.ts'
import type { Table, TableProfile } from './table.ts'

/**
 * A file as a table of text. What the profile does not say is detected, and the table has the
 * evidence; a row that cannot be read is refused while its rows are iterated, and costs no other.
 *
 * @throws InvalidArgumentError where the whole file cannot be read, or can be in two ways.
 */
export function readTable(bytes: Uint8Array, profile: TableProfile): Table {
  if (bytes.length === 0) throw new EmptyTableError({ bytes: 0 })
  refuseBinary(bytes)
  return csvTable(findEncoding(bytes, profile.encoding), profile)
}
