import {
  Bool,
  type Data,
  type DataType,
  Float32,
  Float64,
  Int64,
  makeData,
  TimestampMillisecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
} from 'apache-arrow'
import {
  CellError,
  ColumnLengthError,
  ColumnMissingError,
  RowError,
  UnknownCellError,
} from '../../../schemas/errors/views.ts'
import {
  InvalidArgumentError,
  InvariantError,
  sentenceOf,
} from '../../../schemas/errors/wattproofError.ts'
import {
  type InsertColumn,
  lengthOf,
  type NumberColumn,
} from '../../../schemas/sql/insertColumns.ts'
import type { Cells, Rows } from './columnCells.ts'
import { type Columns, type EncodedColumn, streamOf } from './encodeRows.ts'
import { encodeTexts } from './encodeTexts.ts'
import { encodeWide } from './encodeWide.ts'

export type GivenColumns = Readonly<Record<string, InsertColumn | undefined>>

/**
 * Rows that are columns already, as an Arrow stream: an array of the column's own type goes as it
 * is, and none becomes a value a row.
 *
 * @throws InvalidArgumentError naming the row and column of a value that does not fit.
 */
export function encodeColumns(columns: Columns, given: GivenColumns, rows: Rows): Uint8Array {
  checkColumns(columns, given, rows.to)
  const encoded = Object.entries(columns).map(([name, type]) => {
    return encodeColumn({ name, type, column: given[name] }, rows)
  })
  return streamOf(encoded, rows.to - rows.from)
}

/** @throws InvalidArgumentError for one that is missing, unknown or too short. */
export function checkColumns(columns: Columns, given: GivenColumns, rows: number): void {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(columns, name)) throw new UnknownCellError({ at: 0, name })
  }
  for (const [name, type] of Object.entries(columns)) {
    const column = given[name]
    if (column === undefined && !type.startsWith('Nullable')) throw new ColumnMissingError({ name })
    const length = column === undefined ? 1 : lengthOf(column)
    if (length !== 1 && length < rows) throw new ColumnLengthError({ name, length, rows })
  }
}

/**
 * The columns that an insert has to name: the store fills in what is left out, and no row set has a
 * default of its own, so that what is zero, null or empty in all rows need not be sent.
 */
export function withoutDefaults(columns: Columns, given: GivenColumns) {
  const names = Object.keys(columns)
  const sent = names.filter((name) => !isDefault(columns[name]!, given[name]))
  if (sent.length === 0) return { columns, given }
  return {
    columns: Object.fromEntries(sent.map((name) => [name, columns[name]!])),
    given: Object.fromEntries(sent.map((name) => [name, given[name]])),
  }
}

function isDefault(type: string, column: InsertColumn | undefined): boolean {
  if (column === undefined) return true
  if ('added' in column || lengthOf(column) !== 1) return false
  if ('texts' in column) return column.texts[column.indexes[0]!] === '' && type === 'String'
  return type.startsWith('Nullable') ? Number.isNaN(column[0]) : Object.is(Number(column[0]), 0)
}

type Given = {
  readonly name: string
  readonly type: string
  readonly column: InsertColumn | undefined
}

function encodeColumn({ name, type, column }: Given, rows: Rows): EncodedColumn {
  const inner = /^Nullable\((\w+)\)$/.exec(type)?.[1]
  const nullable = inner !== undefined
  const plain = inner ?? type
  const cells = column ?? noneOf(plain)
  const at = { row: rows.from }
  try {
    return { name, data: encodeCells({ type: plain, nullable, cells, at }, rows), nullable }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new RowError({ at: at.row, column: name, type, reason: sentenceOf(error) }, error)
  }
}

/** A column that is left out is null. */
function noneOf(type: string): NumberColumn {
  if (type === 'String') throw new InvariantError('A text that may be null has no columns yet.')
  return Float64Array.of(Number.NaN)
}

function encodeCells({ cells, ...of }: Cells<InsertColumn>, rows: Rows): Data<DataType> {
  if ('texts' in cells) return encodeTexts({ cells, ...of }, rows)
  if ('added' in cells) return encodeWide({ cells, ...of }, rows)
  return encodeNumbers({ cells, ...of }, rows)
}

type Numbers = Cells<NumberColumn>

function encodeNumbers(given: Numbers, rows: Rows): Data<DataType> {
  const length = rows.to - rows.from
  const { cells } = given
  if (given.type === 'String') throw new CellError({ value: cells[0], wanted: 'text' })
  if (given.type === 'UInt128') {
    throw new CellError({ value: cells[0], wanted: 'base with what each row adds' })
  }
  // Whole numbers that may not be null are checked one by one as they are written.
  const isLooked = !given.nullable && given.type in wholeTypes
  const nulls = isLooked ? noNulls : nullsOf(given, rows)
  const type = arrowTypes[given.type]
  if (!type) throw new InvariantError(`Columns of the type ${given.type} are not encoded.`)
  const data = nulls.nullCount === length ? zerosOf(given.type, length) : valuesOf(given, rows)
  return makeData({ type: type(), length, data, ...nulls } as never)
}

const arrowTypes: Readonly<Record<string, () => DataType>> = {
  Bool: () => new Bool(),
  UInt8: () => new Uint8(),
  UInt16: () => new Uint16(),
  UInt32: () => new Uint32(),
  UInt64: () => new Uint64(),
  Int64: () => new Int64(),
  Float32: () => new Float32(),
  Float64: () => new Float64(),
  DateTime64: () => new TimestampMillisecond('UTC'),
}

const wholeTypes = { UInt64: true, Int64: true, DateTime64: true }
const noNulls = { nullCount: 0 }

type PlainArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array

const plainArrays: Readonly<Record<string, new (length: number) => PlainArray>> = {
  UInt8: Uint8Array,
  UInt16: Uint16Array,
  UInt32: Uint32Array,
  Float32: Float32Array,
  Float64: Float64Array,
}

function zerosOf(type: string, length: number): PlainArray | BigInt64Array {
  const make = plainArrays[type]
  return make ? new make(length) : new BigInt64Array(length)
}

function valuesOf(given: Numbers, rows: Rows): PlainArray | BigInt64Array | BigUint64Array {
  const make = plainArrays[given.type]
  if (make) return plainValues(given, rows, make)
  return given.type === 'Bool' ? flagBits(given, rows) : wholeValues(given, rows)
}

/** Null is what is no finite number, in a column that may be null; elsewhere it does not fit. */
function nullsOf({ cells, nullable, at }: Numbers, { from, to }: Rows) {
  const isFloat = cells instanceof Float32Array || cells instanceof Float64Array
  if (!isFloat) return { nullCount: 0 }
  const isUniform = cells.length === 1
  const length = to - from
  let nullCount = 0
  let nullBitmap: Uint8Array | null = null
  for (let row = 0; row < length; row++) {
    const value = isUniform ? cells[0]! : cells[from + row]!
    // For NaN and the infinities the difference is NaN.
    if (value - value === 0) continue
    at.row = from + row
    if (!nullable) throw new CellError({ value, wanted: 'number' })
    nullBitmap ??= new Uint8Array(Math.ceil(length / 8)).fill(0xff)
    nullBitmap[row >> 3]! &= ~(1 << (row & 7))
    nullCount += 1
  }
  return nullBitmap ? { nullCount, nullBitmap } : { nullCount }
}

function plainValues(
  { cells, at }: Numbers,
  { from, to }: Rows,
  make: new (length: number) => PlainArray,
): PlainArray {
  const isUniform = cells.length === 1
  if (!isUniform && cells.constructor === make) return cells.subarray(from, to) as PlainArray
  const values = new make(to - from)
  const isFloat = values instanceof Float32Array || values instanceof Float64Array
  for (let row = 0; row < values.length; row++) {
    const value = Number(isUniform ? cells[0] : cells[from + row])
    values[row] = value
    if (isFloat || values[row] === value) continue
    at.row = from + row
    throw new CellError({ value, wanted: 'whole number of the range' })
  }
  return values
}

function flagBits({ cells, at }: Numbers, { from, to }: Rows): Uint8Array {
  const bits = new Uint8Array(Math.ceil((to - from) / 8))
  for (let row = 0; row < to - from; row++) {
    const value = cells.length === 1 ? cells[0] : cells[from + row]
    at.row = from + row
    if (value !== 0 && value !== 1) throw new CellError({ value, wanted: 'true or false' })
    if (value === 1) bits[row >> 3]! |= 1 << (row & 7)
  }
  return bits
}

const twoTo32 = 2 ** 32

/** Integers of 64 bits in two halves: a bigint of each would cost more than all the rest. */
function wholeValues(
  { cells, type, nullable, at }: Numbers,
  { from, to }: Rows,
): BigInt64Array | BigUint64Array {
  if (cells instanceof BigUint64Array) {
    if (type !== 'UInt64') throw new CellError({ value: cells[0], wanted: 'number of the range' })
    if (cells.length === 1) return new BigUint64Array(to - from).fill(cells[0]!)
    return cells.subarray(from, to)
  }
  const values = new BigInt64Array(to - from)
  const halves = new Int32Array(values.buffer)
  const least = type === 'UInt64' ? 0 : -Number.MAX_SAFE_INTEGER
  const isUniform = cells.length === 1
  for (let row = 0; row < values.length; row++) {
    const value = isUniform ? cells[0]! : cells[from + row]!
    // A null arrives as NaN too.
    const isNull = nullable && Number.isNaN(value)
    const high = Math.floor(value / twoTo32)
    const low = value - high * twoTo32
    halves[2 * row] = low
    halves[2 * row + 1] = high
    const isExact = Number.isSafeInteger(value) && value >= least
    if (isExact || isNull) continue
    at.row = from + row
    throw new CellError({ value, wanted: 'exact whole number' })
  }
  return values
}
