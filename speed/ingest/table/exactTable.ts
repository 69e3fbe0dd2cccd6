import { tableLimits } from '../limits.ts'
import { findEncoding } from './encoding.ts'
import { readRecord } from './readRecord.ts'
import { recordsOf } from './records.ts'
import type { TableRefusal, TableRow } from './table.ts'

/** A table whose header is known, so that nothing of it has to be found. */
export type ExactTable = {
  /** Null where the first line is no row of text. */
  readonly header: readonly string[] | null
  readonly headerLine: number
  /** With as many cells as each row has. */
  rows(): Iterable<TableRow | TableRefusal>
}

const comma = ','

/**
 * Comma-separated UTF-8 (UTF-16 with its byte order mark) whose first line names the columns.
 *
 * Its rows are read by the same rules as those of any table; only the guesses are left out.
 */
export function exactTable(bytes: Uint8Array): ExactTable {
  const isMarked = bytes[0] === 0xff || bytes[0] === 0xfe
  const { reader } = findEncoding(bytes, isMarked ? undefined : 'utf-8')
  const records = () => recordsOf(reader, comma.charCodeAt(0))
  const first = records().next().value
  const row = first ? readRecord(reader, comma, first) : null
  const isLong =
    first !== undefined && first !== null && first.to - first.from > tableLimits.rowBytesMax
  return {
    header: row && 'cells' in row && !isLong ? row.cells : null,
    headerLine: first?.line ?? 0,
    *rows() {
      let isHeader = true
      for (const record of records()) {
        if (!isHeader) yield readRecord(reader, comma, record)
        isHeader = false
      }
    },
  }
}
