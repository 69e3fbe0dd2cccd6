import { FrameCutError, FrameFieldError } from '../errors/frame.ts'
import { InvariantError } from '../errors/wattproofError.ts'

/** Wire types of protobuf. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** A field of a message: its number, and where its content lies. */
export type WireField = {
  readonly number: number
  readonly type: number
  readonly from: number
  readonly to: number
}

/** Where a reader is in a message, and the field it read last. */
export type WireCursor = {
  number: number
  type: number
  /** Its tag. */
  at: number
  from: number
  to: number
  next: number
}

export function createCursor(): WireCursor {
  return { number: 0, type: 0, at: 0, from: 0, to: 0, next: 0 }
}

/** The fields of a protobuf message, in their order; throws as `nextField` does. */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const cursor = createCursor()
  while (nextField(bytes, cursor)) yield { ...cursor }
}

/**
 * Moves to the next field of a protobuf message; false at its end. Every length is checked before
 * anything is read, and nothing is made of it.
 *
 * @throws FrameCutError when the bytes end within a field; FrameFieldError for a wire type that no
 * field has.
 */
export function nextField(bytes: Uint8Array, cursor: WireCursor): boolean {
  if (cursor.next >= bytes.length) return false
  cursor.at = cursor.next
  const tag = readVarint(bytes, cursor)
  cursor.number = Math.floor(tag / 8)
  cursor.type = tag % 8
  if (cursor.number === 0) throw new FrameFieldError({ field: 0 })
  cursor.to = endOf(bytes, cursor)
  if (cursor.to > bytes.length) throw new FrameCutError({ field: cursor.number })
  cursor.next = cursor.to
  return true
}

/** The end of the content at `next`, and `from` its begin. */
function endOf(bytes: Uint8Array, cursor: WireCursor): number {
  cursor.from = cursor.next
  switch (cursor.type) {
    case wireType.varint:
      readVarint(bytes, cursor)
      return cursor.next
    case wireType.fixed64:
      return cursor.from + 8
    case wireType.fixed32:
      return cursor.from + 4
    case wireType.bytes: {
      const length = readVarint(bytes, cursor)
      cursor.from = cursor.next
      return cursor.from + length
    }
    default:
      throw new FrameFieldError({ field: cursor.number })
  }
}

/** Tags and lengths: none of a frame takes more than five bytes. */
function readVarint(bytes: Uint8Array, cursor: WireCursor): number {
  let value = 0
  let scale = 1
  for (let index = 0; index < 5; index++) {
    const byte = bytes[cursor.next]
    if (byte === undefined) throw new FrameCutError({ field: 0 })
    cursor.next += 1
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 128
  }
  throw new FrameFieldError({ field: 0 })
}

/** How numbers lie in a packed column. */
export type WireKind = 'u32' | 'i32' | 'i64' | 'f32'

/** Writes a message field by field into one growing buffer. */
export type WireWriter = Pick<Writer, keyof Writer>

/** What is written so far: `bytes` up to `end`. */
type Output = { bytes: Buffer; end: number }

/** A message of one reading fits. */
const bytesFirst = 256
/** The longest tag or length. */
const varintBytesMax = 5

export function createWriter(): WireWriter {
  return new Writer()
}

/** A class, as closures for each message would cost more than to write one of one reading. */
class Writer {
  // From Buffer's pool, since a new array for each field costs a microsecond.
  readonly #out: Output = { bytes: Buffer.allocUnsafe(bytesFirst), end: 0 }

  fixed64(field: number, value: number): void {
    this.#begin(field, wireType.fixed64, 8)
    putNumber(this.#out, 'i64', value)
  }

  /** Eight bytes as they are. */
  raw64(field: number, content: Uint8Array): void {
    this.#begin(field, wireType.fixed64, 8)
    put(this.#out, content)
  }

  sfixed32(field: number, value: number): void {
    this.#begin(field, wireType.fixed32, 4)
    putNumber(this.#out, 'i32', value)
  }

  /** A string of ASCII, such as an id. */
  ascii(field: number, text: string): void {
    this.#beginBytes(field, text.length)
    const out = this.#out
    for (let at = 0; at < text.length; at++) out.bytes[out.end++] = asciiAt(text, at)
  }

  /** Strings, messages and packed columns. */
  bytes(field: number, content: Uint8Array): void {
    this.#beginBytes(field, content.length)
    put(this.#out, content)
  }

  /** A packed column of one value, without an array of bytes: most messages are one reading. */
  one(field: number, kind: WireKind, value: number): void {
    this.#beginBytes(field, kind === 'i64' ? 8 : 4)
    putNumber(this.#out, kind, value)
  }

  /** Whole fields, as they are. */
  fields(encoded: Uint8Array): void {
    reserve(this.#out, encoded.length)
    put(this.#out, encoded)
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#out.bytes.subarray(0, this.#out.end))
  }

  /** The tag of a field, and room for its length and so many bytes. */
  #begin(field: number, type: number, bytes: number): void {
    reserve(this.#out, 2 * varintBytesMax + bytes)
    putVarint(this.#out, field * 8 + type)
  }

  #beginBytes(field: number, bytes: number): void {
    this.#begin(field, wireType.bytes, bytes)
    putVarint(this.#out, bytes)
  }
}

function reserve(out: Output, bytes: number): void {
  const wanted = out.end + bytes
  if (wanted <= out.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * out.bytes.length))
  larger.set(out.bytes.subarray(0, out.end))
  out.bytes = larger
}

function put(out: Output, content: Uint8Array): void {
  out.bytes.set(content, out.end)
  out.end += content.length
}

function putVarint(out: Output, value: number): void {
  let rest = value
  while (rest >= 0x80) {
    out.bytes[out.end++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  out.bytes[out.end++] = rest
}

/** Little-endian; of eight bytes the high half is exact, as a double holds it. */
function putNumber(out: Output, kind: WireKind, value: number): void {
  const { bytes, end } = out
  if (kind === 'f32') bytes.writeFloatLE(value, end)
  else if (kind === 'i64') {
    const high = Math.floor(value / twoTo32)
    bytes.writeUInt32LE(value - high * twoTo32, end)
    bytes.writeInt32LE(high, end + 4)
  } else bytes.writeInt32LE(value | 0, end)
  out.end += kind === 'i64' ? 8 : 4
}

/** @throws InvariantError for what no id has. */
function asciiAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < 0x80) return code
  throw new InvariantError(`${text} is not ASCII.`)
}

const twoTo32 = 2 ** 32
