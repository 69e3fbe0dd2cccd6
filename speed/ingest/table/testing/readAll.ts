import { readTable } from '../readTable.ts'
import { isTableRefusal, type TableProfile, type TableRow } from '../table.ts'

/** A file read to its end: what tests look at. */
export function readAll(file: string | Uint8Array, profile: TableProfile = {}) {
  const table = readTable(typeof file === 'string' ? Buffer.from(file) : file, profile)
  const rows = [...table.rows()]
  const read = rows.filter((row): row is TableRow => !isTableRefusal(row))
  const refused = rows.filter(isTableRefusal)
  return {
    table,
    rows: read.map(({ cells }) => cells),
    lines: read.map(({ line }) => line),
    originals: read.map(({ original }) => Buffer.from(original).toString()),
    refused: refused.map(({ line, detail }) => ({ line, detail })),
  }
}
