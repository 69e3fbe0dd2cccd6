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

/**
 * The fields of a protobuf message, in their order. Every length is checked before anything is
 * read.
 *
 * @throws FrameCutError when the bytes end within a field; FrameFieldError for a wire type that no
 * field has.
 */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    const number = Math.floor(tag.value / 8)
    const type = tag.value % 8
    if (number === 0) throw new FrameFieldError({ field: 0 })
    const { from, to } = contentOf(bytes, { number, type, at: tag.next })
    if (to > bytes.length) throw new FrameCutError({ field: number })
    yield { number, type, from, to }
    at = to
  }
}

function contentOf(
  bytes: Uint8Array,
  { number, type, at }: { readonly number: number; readonly type: number; readonly at: number },
): { readonly from: number; readonly to: number } {
  switch (type) {
    case wireType.varint:
      return { from: at, to: readVarint(bytes, at).next }
    case wireType.fixed64:
      return { from: at, to: at + 8 }
    case wireType.fixed32:
      return { from: at, to: at + 4 }
    case wireType.bytes: {
      const { value, next } = readVarint(bytes, at)
      return { from: next, to: next + value }
    }
    default:
      throw new FrameFieldError({ field: number })
  }
}

/** Tags and lengths: none of a frame takes more than five bytes. */
function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0
  for (let index = 0; index < 5; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) throw new FrameCutError({ field: 0 })
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: from + index + 1 }
  }
  throw new FrameFieldError({ field: 0 })
}

/** Writes a message field by field into one growing buffer. */
export type WireWriter = {
  readonly fixed64: (field: number, value: bigint) => void
  readonly sfixed32: (field: number, value: number) => void
  /** Strings, messages and packed columns. */
  readonly bytes: (field: number, content: Uint8Array) => void
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
