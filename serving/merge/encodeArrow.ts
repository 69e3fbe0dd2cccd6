import {
  Bool,
  type DataType,
  Float64,
  Int64,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import type { Cell, CellRow } from './toCells.ts'
import type { SourceColumn } from './viewColumns.ts'

/**
 * An Arrow IPC stream: instants as UTC milliseconds, whole numbers as 64 bits. A batch for each
 * piece of rows; the bytes come after the last.
 */
export function* encodeArrow(
  columns: readonly SourceColumn[],
  pieces: Iterable<readonly CellRow[]>,
): Generator<Uint8Array> {
  // One without rows brings the names.
  const tables = [tableOf(columns, [])]
  for (const rows of pieces) {
    tables.push(tableOf(columns, rows))
    yield new Uint8Array(0)
  }
  const [first, ...others] = tables
  yield tableToIPC(first!.concat(...others), 'stream')
}

function tableOf(columns: readonly SourceColumn[], rows: readonly CellRow[]): Table {
  const vectors = columns.map((column) => {
    const values = rows.map((row) => toValue(column.kind, row[column.name] ?? null))
    return [column.name, vectorFromArray(values, typeOf(column.kind))] as const
  })
  return new Table(Object.fromEntries(vectors))
}

function typeOf(kind: SourceColumn['kind']): DataType {
  if (kind === 'instant') return new TimestampMillisecond('UTC')
  if (kind === 'integer') return new Int64()
  if (kind === 'number') return new Float64()
  return kind === 'boolean' ? new Bool() : new Utf8()
}

function toValue(kind: SourceColumn['kind'], cell: Cell): Cell | bigint {
  if (cell === null) return null
  if (kind === 'instant') return Date.parse(String(cell))
  return kind === 'integer' ? BigInt(cell as number | string) : cell
}
