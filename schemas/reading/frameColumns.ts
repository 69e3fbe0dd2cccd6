import {
  FrameColumnError,
  FrameLengthError,
  FrameNumberError,
  FrameRowsError,
} from '../errors/frame.ts'
import { type WireField, type WireKind, type WireWriter, wireType } from './wire.ts'

export type ColumnName = keyof typeof frameColumns

/** Columns of `frame.proto`, by name: field number and kind. */
const frameColumns = {
  meter: { field: 4, kind: 'u32' },
  dt_s: { field: 5, kind: 'i32' },
  duration_s: { field: 6, kind: 'u32' },
  energy_mwh: { field: 7, kind: 'i64' },
  power_w: { field: 8, kind: 'f32' },
  reactive_var: { field: 9, kind: 'f32' },
  quality: { field: 10, kind: 'u32' },
  standing: { field: 11, kind: 'u32' },
  revision: { field: 12, kind: 'u32' },
  said_at_ms: { field: 13, kind: 'i64' },
  is_void: { field: 14, kind: 'u32' },
} as const satisfies Record<string, { readonly field: number; readonly kind: WireKind }>

/** A column in memory, by kind. */
type Arrays = { u32: Uint32Array; i32: Int32Array; i64: Float64Array; f32: Float32Array }
export type ColumnValues<Name extends ColumnName = ColumnName> =
  Arrays[(typeof frameColumns)[Name]['kind']]

export const frameRowsMax = 20_000
/** 0, 1, 2 and so on: of a frame those of its rows. */
export const rowNumbers = Uint32Array.from({ length: frameRowsMax }, (_, row) => row)

const widthOf = { u32: 4, i32: 4, i64: 8, f32: 4 } as const
const names: readonly (ColumnName | undefined)[] = Array.from({ length: 15 }, (_, field) =>
  (Object.keys(frameColumns) as ColumnName[]).find((name) => frameColumns[name].field === field),
)

export function columnOfField(field: number): ColumnName | undefined {
  return names[field]
}

/** Where the values of a column lie in the bytes of a frame. */
export type ColumnPlace = {
  readonly name: ColumnName
  readonly from: number
  readonly to: number
  /** How many values. */
  length: number
  /** Pieces after the first, as some writers send them: from, to, from, to. */
  more: number[] | null
}

/** The places of a frame's columns, by field number. */
export type ColumnPlaces = (ColumnPlace | undefined)[]

/**
 * Adds the place of one field: a packed column, or one value as writers that do not pack send it.
 *
 * @throws FrameColumnError when the length is not that of whole values.
 */
export function addPlace(places: ColumnPlaces, name: ColumnName, at: WireField): void {
  const { kind, field } = frameColumns[name]
  const width = widthOf[kind]
  const single = width === 8 ? wireType.fixed64 : wireType.fixed32
  const { type, from, to } = at
  const isRight = type === wireType.bytes || type === single
  const length = (to - from) / width
  if (!isRight || !Number.isInteger(length)) throw new FrameColumnError({ column: name, field })
  const known = places[field]
  if (!known) {
    places[field] = { name, from, to, length, more: null }
    return
  }
  known.length += length
  known.more ??= []
  known.more.push(from, to)
}

/**
 * The number of rows.
 *
 * @throws FrameRowsError, FrameLengthError for a column with neither one value nor one a row.
 */
export function countRows(places: ColumnPlaces): number {
  let rows = 0
  for (const place of places) if (place && place.length > rows) rows = place.length
  if (rows > frameRowsMax) throw new FrameRowsError({ rows, rowsMax: frameRowsMax })
  for (const place of places) {
    if (!place || place.length === rows || place.length === 1) continue
    throw new FrameLengthError({ column: place.name, length: place.length, rows })
  }
  return rows
}

/**
 * The values of a column, or `absent`: a view on the bytes where they are aligned, else one copy.
 *
 * @throws FrameNumberError for a value that a double does not hold exactly.
 */
export function readColumn<Name extends ColumnName>(
  view: DataView<ArrayBuffer>,
  at: { readonly places: ColumnPlaces; readonly name: Name },
  absent: ColumnValues<Name>,
): ColumnValues<Name>
export function readColumn(
  view: DataView<ArrayBuffer>,
  { places, name }: { readonly places: ColumnPlaces; readonly name: ColumnName },
  absent: ColumnValues,
): ColumnValues {
  const { field } = frameColumns[name]
  const place = places[field]
  if (!place) return absent
  if (place.more) return valuesOf(joinPieces(view, place), 0, place)
  const { from } = place
  // A single value is decoded by itself, which needs no alignment.
  const isAsItIs = place.length === 1 || (view.byteOffset + from) % 4 === 0
  if (isAsItIs) return valuesOf(view, from, place)
  return valuesOf(
    new DataView(view.buffer.slice(view.byteOffset + from, view.byteOffset + place.to)),
    0,
    place,
  )
}

function valuesOf(
  view: DataView<ArrayBuffer>,
  from: number,
  { name, length }: ColumnPlace,
): ColumnValues {
  const at = view.byteOffset + from
  switch (frameColumns[name].kind) {
    case 'u32':
      if (length === 1) return Uint32Array.of(view.getUint32(from, true))
      return new Uint32Array(view.buffer, at, length)
    case 'i32':
      if (length === 1) return Int32Array.of(view.getInt32(from, true))
      return new Int32Array(view.buffer, at, length)
    case 'f32':
      if (length === 1) return Float32Array.of(view.getFloat32(from, true))
      return new Float32Array(view.buffer, at, length)
    case 'i64':
      return wholeNumbers(view, { from, length }, name)
  }
}

function joinPieces(view: DataView<ArrayBuffer>, { from, to, more }: ColumnPlace) {
  const pieces = [from, to, ...(more ?? [])]
  let length = 0
  for (let piece = 0; piece < pieces.length; piece += 2) {
    length += pieces[piece + 1]! - pieces[piece]!
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  const joined = new Uint8Array(length)
  for (let piece = 0, end = 0; piece < pieces.length; piece += 2) {
    joined.set(bytes.subarray(pieces[piece], pieces[piece + 1]), end)
    end += pieces[piece + 1]! - pieces[piece]!
  }
  return new DataView(joined.buffer)
}

/**
 * One value when all are equal, none when they are the default too; or all, as they are.
 *
 * @param rows how many values to write at least, where the column decides how many rows there are.
 */
export function writeColumn<Name extends ColumnName>(
  writer: WireWriter,
  name: Name,
  column: {
    readonly values: ColumnValues<Name>
    readonly absent?: number | undefined
    readonly rows?: number
  },
): void {
  const { values, absent, rows = 1 } = column
  if (rows === 1 && values.length === 1 && Object.is(values[0], absent)) return
  const { field, kind } = frameColumns[name]
  if (values.length === 1 && rows === 1) {
    writeValue(writer, name, values[0]!)
    return
  }
  const sent = values.length < rows ? expand(values, rows) : values
  writer.bytes(field, kind === 'i64' ? bytesOfWhole(sent) : bytesOf(sent))
}

/** The one value of a column, or the one that all rows share. */
export function writeValue(writer: WireWriter, name: ColumnName, value: number): void {
  const { field, kind } = frameColumns[name]
  writer.one(field, kind, value)
}

/** One value for all rows where all are equal, as NaN is to NaN and 0 is not to -0. */
function asUniform<Values extends ColumnValues>(values: Values): Values {
  const first = values[0]!
  for (let row = 1; row < values.length; row++) {
    if (!Object.is(values[row], first)) return values
  }
  return values.length > 1 ? (values.subarray(0, 1) as Values) : values
}

/** A value of each row; a tenth of the cost of `from`, which asks an iterator for each. */
export function fillColumn<Row, Values extends ColumnValues>(
  values: Values,
  rows: readonly Row[],
  of: (row: Row) => number,
): Values {
  for (let row = 0; row < values.length; row++) values[row] = of(rows[row]!)
  return asUniform(values)
}

function expand<Values extends ColumnValues>(values: Values, rows: number): Values {
  const make = values.constructor as new (length: number) => Values
  return new make(rows).fill(values[0]!) as Values
}

function bytesOf({ buffer, byteOffset, byteLength }: ColumnValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

const twoTo32 = 2 ** 32

function bytesOfWhole(values: ColumnValues): Uint8Array {
  const halves = new Int32Array(values.length * 2)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    const high = Math.floor(value / twoTo32)
    halves[2 * row] = value - high * twoTo32
    halves[2 * row + 1] = high
  }
  return new Uint8Array(halves.buffer)
}

/** @throws FrameNumberError for a value that a double does not hold exactly. */
function wholeNumbers(
  view: DataView<ArrayBuffer>,
  { from, length }: { readonly from: number; readonly length: number },
  column: ColumnName,
): Float64Array {
  const halves =
    length === 1
      ? Int32Array.of(view.getInt32(from, true), view.getInt32(from + 4, true))
      : new Int32Array(view.buffer, view.byteOffset + from, 2 * length)
  const values = new Float64Array(length)
  for (let row = 0; row < length; row++) {
    const low = halves[2 * row]!
    const high = halves[2 * row + 1]!
    // Nearly all: the low half alone, which an integer holds.
    const value = high === low >> 31 ? low : high * twoTo32 + (low >>> 0)
    if (!(value > -safe && value < safe)) throw new FrameNumberError({ column, row })
    values[row] = value
  }
  return values
}

/** At 2^53 and beyond, several whole numbers share one double: such a value may not be exact. */
const safe = 2 ** 53

/** @throws FrameNumberError for what is no whole second, or does not fit into the column. */
export function secondsAfter(t0Ms: number, startMs: number): number {
  const seconds = (startMs - t0Ms) / 1000
  if (seconds === (seconds | 0)) return seconds
  throw new FrameNumberError({ column: 'dt_s', row: 0 })
}
