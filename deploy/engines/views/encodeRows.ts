import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
} from 'apache-arrow'
import { CellError, RowError, UnknownCellError } from '../../../schemas/errors/views.ts'
import { InvariantError, sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import { encodeUtf8 } from './encodeTexts.ts'

export type Columns = Readonly<Record<string, string>>
export type Row = Readonly<Record<string, unknown>>

/**
 * Rows as an Arrow stream, by the ClickHouse types of their columns.
 *
 * Arrow rather than RowBinary: it names columns and types, so that a table that differs from
 * `rowSets.ts` causes an error and not wrong numbers. Null is allowed in `Nullable` columns only,
 * and so is NaN or an infinity, which is stored as null: a sum over NaN is meaningless.
 *
 * @throws InvalidArgumentError naming the row and column of a value that does not fit.
 */
export function encodeRows(columns: Columns, rows: readonly Row[]): Uint8Array {
  refuseUnknownColumns(columns, rows)
  const encoded = Object.entries(columns).map(([name, type]) => ({
    name,
    ...encodeColumn({ name, type, rows }),
  }))
  return streamOf(encoded, rows.length)
}

export type EncodedColumn = {
  readonly name: string
  readonly data: Data<DataType>
  readonly nullable: boolean
}

/** Encoded columns of as many rows, as an Arrow stream. */
export function streamOf(columns: readonly EncodedColumn[], length: number): Uint8Array {
  const fields = columns.map(({ name, data, nullable }) => new Field(name, data.type, nullable))
  const children = columns.map(({ data }) => data)
  const struct = makeData({ type: new Struct(fields), length, children })
  const schema = new Schema(fields)
  return tableToIPC(new Table([new RecordBatch(schema, struct)]), 'stream')
}

type Cells = {
  readonly length: number
  /** The value of a row, or the type's zero if it is null. */
  readonly each: (put: (value: unknown, row: number) => void) => void
  readonly nullBitmap: Uint8Array | null
  readonly nullCount: number
}

const encoders: Readonly<Record<string, (cells: Cells) => Data<DataType>>> = {
  String: encodeTexts,
  Bool: encodeBools,
  Date: encodeDates,
  UInt8: (cells) => numbers(cells, { type: new Uint8(), data: new Uint8Array(cells.length) }),
  UInt16: (cells) => numbers(cells, { type: new Uint16(), data: new Uint16Array(cells.length) }),
  UInt32: (cells) => numbers(cells, { type: new Uint32(), data: new Uint32Array(cells.length) }),
  UInt64: (cells) => bigints(cells, { type: new Uint64(), data: new BigUint64Array(cells.length) }),
  UInt128: encodeWide,
  Int64: (cells) => bigints(cells, { type: new Int64(), data: new BigInt64Array(cells.length) }),
  Float32: (cells) => numbers(cells, { type: new Float32(), data: new Float32Array(cells.length) }),
  Float64: (cells) => numbers(cells, { type: new Float64(), data: new Float64Array(cells.length) }),
  DateTime64: (cells) =>
    bigints(cells, {
      type: new TimestampMillisecond('UTC'),
      data: new BigInt64Array(cells.length),
    }),
}

function encodeColumn(column: { name: string; type: string; rows: readonly Row[] }): {
  data: Data<DataType>
  nullable: boolean
} {
  const inner = /^Nullable\((\w+)\)$/.exec(column.type)?.[1]
  const encode = encoders[inner ?? column.type]
  if (!encode) throw new InvariantError(`Column ${column.name} has the type ${column.type}.`)
  const isFloat = (inner ?? column.type).startsWith('Float')
  const { values, nullCount } = valuesOf(column, isFloat)
  let at = 0
  const each: Cells['each'] = (put) => {
    for (at = 0; at < values.length; at++) if (values[at] !== null) put(values[at], at)
  }
  try {
    const nulls = { nullCount, nullBitmap: nullCount === 0 ? null : nullBits(values) }
    if (nullCount > 0 && inner === undefined) {
      at = values.indexOf(null)
      throw new CellError({ value: null, wanted: 'value' })
    }
    return {
      data: encode({ length: values.length, each, ...nulls }),
      nullable: inner !== undefined,
    }
  } catch (error) {
    const { name, type } = column
    throw new RowError({ at, column: name, type, reason: sentenceOf(error) }, error)
  }
}

/** A loop and no callbacks: it runs for every cell. */
function valuesOf(
  { name, rows }: { readonly name: string; readonly rows: readonly Row[] },
  isFloat: boolean,
): { values: unknown[]; nullCount: number } {
  const values = new Array<unknown>(rows.length)
  let nullCount = 0
  for (let at = 0; at < rows.length; at++) {
    const value = rows[at]![name] ?? null
    const isNull = isFloat && typeof value === 'number' && !Number.isFinite(value)
    values[at] = isNull ? null : value
    if (values[at] === null) nullCount += 1
  }
  return { values, nullCount }
}

function nullBits(values: readonly unknown[]): Uint8Array {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8))
  values.forEach((value, row) => {
    if (value !== null) nullBitmap[row >> 3]! |= 1 << (row & 7)
  })
  return nullBitmap
}

function encodeTexts(cells: Cells): Data<DataType> {
  const texts = new Array<string>(cells.length).fill('')
  cells.each((value, row) => {
    if (typeof value !== 'string') throw new CellError({ value, wanted: 'text' })
    texts[row] = value
  })
  return encodeUtf8(texts, cells)
}

function encodeBools(cells: Cells): Data<DataType> {
  const data = new Uint8Array(Math.ceil(cells.length / 8))
  cells.each((value, row) => {
    if (typeof value !== 'boolean') throw new CellError({ value, wanted: 'true or false' })
    if (value) data[row >> 3]! |= 1 << (row & 7)
  })
  return makeData({ type: new Bool(), ...frameOf(cells), data })
}

const dayMs = 86_400_000

function encodeDates(cells: Cells): Data<DataType> {
  const data = new Int32Array(cells.length)
  cells.each((value, row) => {
    const ms = /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? Date.parse(String(value)) : Number.NaN
    // The store's dates are of 16 bits.
    if (!(ms >= 0 && ms / dayMs < 65_536)) throw new CellError({ value, wanted: 'date' })
    data[row] = ms / dayMs
  })
  return makeData({ type: new DateDay(), ...frameOf(cells), data })
}

type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array

function numbers(
  cells: Cells,
  { type, data }: { type: DataType; data: NumberArray },
): Data<DataType> {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array
  cells.each((value, row) => {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number') throw new CellError({ value, wanted: 'number' })
    data[row] = number
    if (!isFloat && data[row] !== number) {
      throw new CellError({ value, wanted: 'whole number of the range' })
    }
  })
  return makeData({ type, ...frameOf(cells), data } as never)
}

function bigints(
  cells: Cells,
  { type, data }: { type: DataType; data: BigInt64Array | BigUint64Array },
): Data<DataType> {
  const halves = new Int32Array(data.buffer)
  const isSigned = data instanceof BigInt64Array
  cells.each((value, row) => {
    // Two halves: a bigint of each number would cost more than all the rest.
    if (typeof value === 'number' && Number.isSafeInteger(value) && (isSigned || value >= 0)) {
      const high = Math.floor(value / 2 ** 32)
      halves[2 * row] = value - high * 2 ** 32
      halves[2 * row + 1] = high
      return
    }
    const whole = toBigInt(value)
    data[row] = whole
    if (data[row] !== whole) throw new CellError({ value, wanted: 'number of the range' })
  })
  return makeData({ type, ...frameOf(cells), data } as never)
}

/** Arrow has no integers of 128 bits; the store reads them from 16 bytes, the lowest first. */
function encodeWide(cells: Cells): Data<DataType> {
  const halves = new BigUint64Array(2 * cells.length)
  cells.each((value, row) => {
    const whole = toBigInt(value)
    halves[2 * row] = whole
    halves[2 * row + 1] = whole >> 64n
    if (BigInt.asUintN(128, whole) !== whole) {
      throw new CellError({ value, wanted: 'number of the range' })
    }
  })
  const data = new Uint8Array(halves.buffer)
  return makeData({ type: new FixedSizeBinary(16), ...frameOf(cells), data })
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  // A number beyond 2^53 has already been rounded by its producer.
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
  throw new CellError({ value, wanted: 'exact whole number' })
}

function frameOf(cells: Cells): { length: number; nullCount: number; nullBitmap?: Uint8Array } {
  const { length, nullCount, nullBitmap } = cells
  return nullBitmap ? { length, nullCount, nullBitmap } : { length, nullCount }
}

function refuseUnknownColumns(columns: Columns, rows: readonly Row[]): void {
  // Rows of one insert mostly have the same columns in the same order, as the first one has.
  const first = Object.keys(rows[0] ?? {}).filter((name) => Object.hasOwn(columns, name))
  for (let at = 0; at < rows.length; at++) {
    let place = 0
    for (const name in rows[at]) {
      if (name === first[place++] || Object.hasOwn(columns, name)) continue
      throw new UnknownCellError({ at, name })
    }
  }
}
