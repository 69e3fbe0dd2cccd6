import { FrameColumnError, FrameNumberError } from '../errors/frame.ts'
import { type WireField, type WireWriter, wireType } from './wire.ts'

/** How the values of a column lie in the frame; numbers in memory. */
type Kind = 'u32' | 'i32' | 'i64' | 'f32'

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
} as const satisfies Record<string, { readonly field: number; readonly kind: Kind }>

export type ColumnValues = Uint32Array | Int32Array | Float32Array | Float64Array

const widthOf = { u32: 4, i32: 4, i64: 8, f32: 4 } as const
const byField = new Map<number, ColumnName>(
  Object.entries(frameColumns).map(([name, { field }]) => [field, name as ColumnName]),
)

export function columnOfField(field: number): ColumnName | undefined {
  return byField.get(field)
}

/**
 * The values of one field: a packed column, or one value as writers that do not pack send it.
 *
 * @throws FrameColumnError when the length is not that of whole values.
 */
export function readValues(bytes: Uint8Array, name: ColumnName, at: WireField): ColumnValues {
  const { kind, field } = frameColumns[name]
  const width = widthOf[kind]
  const single = width === 8 ? wireType.fixed64 : wireType.fixed32
  const length = at.to - at.from
  const isRight = at.type === wireType.bytes || at.type === single
  if (!isRight || length % width !== 0) throw new FrameColumnError({ column: name, field })
  // A copy, so that it begins at an aligned offset.
  const { buffer } = new Uint8Array(bytes.subarray(at.from, at.to))
  switch (kind) {
    case 'u32':
      return new Uint32Array(buffer)
    case 'i32':
      return new Int32Array(buffer)
    case 'f32':
      return new Float32Array(buffer)
    case 'i64':
      return wholeNumbers(buffer, name)
  }
}

/** A column that a writer sent in pieces. */
export function joinValues(left: ColumnValues, right: ColumnValues): ColumnValues {
  const whole = new (left.constructor as new (length: number) => ColumnValues)(
    left.length + right.length,
  )
  whole.set(left)
  whole.set(right, left.length)
  return whole
}

/** One value when all are equal, none when they are the default too; or all, as they are. */
export function writeColumn(
  writer: WireWriter,
  name: ColumnName,
  {
    values,
    absent,
  }: { readonly values: readonly number[]; readonly absent: number | null | 'full' },
): void {
  const first = values[0]!
  const isUniform = absent !== 'full' && values.every((value) => Object.is(value, first))
  if (isUniform && Object.is(first, absent)) return
  const { field, kind } = frameColumns[name]
  writer.bytes(field, bytesOf(kind, isUniform ? [first] : values))
}

function bytesOf(kind: Kind, values: readonly number[]): Uint8Array {
  switch (kind) {
    case 'u32':
      return new Uint8Array(Uint32Array.from(values).buffer)
    case 'i32':
      return new Uint8Array(Int32Array.from(values).buffer)
    case 'f32':
      return new Uint8Array(Float32Array.from(values).buffer)
    case 'i64': {
      const halves = new Uint32Array(values.length * 2)
      for (const [index, value] of values.entries()) {
        halves[index * 2] = value % twoTo32
        halves[index * 2 + 1] = Math.floor(value / twoTo32)
      }
      return new Uint8Array(halves.buffer)
    }
  }
}

const twoTo32 = 2 ** 32

/** @throws FrameNumberError for a value that a double does not hold exactly. */
function wholeNumbers(buffer: ArrayBuffer, column: ColumnName): Float64Array {
  const low = new Uint32Array(buffer)
  const high = new Int32Array(buffer)
  const values = new Float64Array(low.length / 2)
  for (let row = 0; row < values.length; row++) {
    const value = high[row * 2 + 1]! * twoTo32 + low[row * 2]!
    if (!Number.isSafeInteger(value)) throw new FrameNumberError({ column, row })
    values[row] = value
  }
  return values
}
