import { FrameCutError, FrameFieldError } from '../errors/frame.ts'

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

/** Writes a message field by field into one growing buffer. */
export type WireWriter = {
  readonly fixed64: (field: number, value: bigint) => void
  readonly sfixed32: (field: number, value: number) => void
  /** Strings, messages and packed columns. */
  readonly bytes: (field: number, content: Uint8Array) => void
  /** Whole fields, as they are. */
  readonly fields: (encoded: Uint8Array) => void
  readonly finish: () => Uint8Array
}

export function createWriter(): WireWriter {
  const parts: Uint8Array[] = []
  const tag = (field: number, type: number) => varint(field * 8 + type)
  return {
    fixed64: (field, value) => {
      const content = new Uint8Array(8)
      new DataView(content.buffer).setBigInt64(0, value, true)
      parts.push(tag(field, wireType.fixed64), content)
    },
    sfixed32: (field, value) => {
      const content = new Uint8Array(4)
      new DataView(content.buffer).setInt32(0, value, true)
      parts.push(tag(field, wireType.fixed32), content)
    },
    bytes: (field, content) => {
      parts.push(tag(field, wireType.bytes), varint(content.length), content)
    },
    fields: (encoded) => {
      parts.push(encoded)
    },
    finish: () => joinParts(parts),
  }
}

function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...bytes, rest])
}
