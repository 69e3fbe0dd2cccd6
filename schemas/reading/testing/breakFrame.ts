import { fieldsOf, type WireField, wireType } from '../wire.ts'

/** A whole number in [0, below). */
export type Draw = (below: number) => number

/** A frame that is whole, and where its fields lie. */
export type WholeFrame = { readonly bytes: Uint8Array; readonly fields: readonly WireField[] }

export function wholeFrame(bytes: Uint8Array): WholeFrame {
  return { bytes, fields: [...fieldsOf(bytes)] }
}

type Bytes = Uint8Array<ArrayBuffer>
type OfField = { readonly frame: WholeFrame; readonly field: WireField; readonly draw: Draw }

/** A length of up to 2^35. */
const bomb = [0xff, 0xff, 0xff, 0xff, 0x7f]
/** In two and in one number: quiet, with other bits, infinite. */
const notNumbers = [0x7fc00000, 0xffffffff, 0x7f800000, 0x7ff00000]

/** What needs to know nothing of frames. */
const ofBytes = {
  'cut off': (bytes: Bytes, at: number) => bytes.slice(0, at),
  'trailing bytes': (bytes: Bytes, _: number, draw: Draw) =>
    joined(
      bytes,
      Uint8Array.from({ length: 1 + draw(12) }, () => draw(256)),
    ),
  'a bit flipped': (bytes: Bytes, at: number, draw: Draw) => {
    bytes[at]! ^= 1 << draw(8)
    return bytes
  },
  'a huge length': (bytes: Bytes, at: number) => {
    bytes.set(bomb.slice(0, bytes.length - at), at)
    return bytes
  },
  'a piece twice': (bytes: Bytes, at: number, draw: Draw) =>
    joined(bytes.subarray(0, at), bytes.slice(at, at + draw(40)), bytes.subarray(at)),
  'a piece moved': (bytes: Bytes, at: number, draw: Draw) =>
    bytes.copyWithin(at, draw(bytes.length), bytes.length),
  'another byte': (bytes: Bytes, at: number, draw: Draw) => {
    bytes[at] = draw(256)
    return bytes
  },
} as const

/** What is done to one field, with all else whole. */
const ofFields = {
  'a field twice': ({ frame: { bytes, fields }, field, draw }: OfField) => {
    const { next } = spanOf(fields, fields[draw(fields.length)]!)
    return joined(bytes.subarray(0, next), fieldOf(bytes, fields, field), bytes.subarray(next))
  },
  'a field left out': ({ frame: { bytes, fields }, field }: OfField) => {
    const { at, next } = spanOf(fields, field)
    return joined(bytes.subarray(0, at), bytes.subarray(next))
  },
  'another wire type': ({ frame, field, draw }: OfField) => {
    const { at } = spanOf(frame.fields, field)
    const bytes = new Uint8Array(frame.bytes)
    bytes[at] = (bytes[at]! & 0xf8) | ((field.type + 1 + draw(7)) % 8)
    return bytes
  },
  'a value too few or too many': ({ frame: { bytes, fields }, field, draw }: OfField) => {
    if (field.type !== wireType.bytes) return null
    const { at, next } = spanOf(fields, field)
    const width = [1, 4, 8][draw(3)]!
    const content = bytes.subarray(field.from, field.to)
    const other =
      draw(2) === 0
        ? joined(content, content.subarray(0, width))
        : content.subarray(0, Math.max(0, content.length - width))
    const tag = bytes.subarray(at, at + (field.number < 16 ? 1 : 2))
    const length = Uint8Array.of((other.length % 128) | 128, Math.floor(other.length / 128))
    return joined(bytes.subarray(0, at), tag, length, other, bytes.subarray(next))
  },
  'no number': ({ frame, field, draw }: OfField) => {
    const values = Math.floor((field.to - field.from) / 4)
    if (values === 0) return null
    const bytes = new Uint8Array(frame.bytes)
    const at = field.from + 4 * draw(values)
    new DataView(bytes.buffer).setUint32(at, notNumbers[draw(notNumbers.length)]!, true)
    return bytes
  },
  'another roster': ({ frame: { bytes, fields }, draw }: OfField) => {
    const id = Uint8Array.from({ length: 9 }, (_, at) => (at === 0 ? 0x11 : draw(256)))
    const own = fields.find(({ number }) => number === 2 || number === 3)
    if (!own) return null
    const { at, next } = spanOf(fields, own)
    return joined(bytes.subarray(0, at), id, bytes.subarray(own.number === 2 ? next : at))
  },
} as const

export type Breakage = keyof typeof ofBytes | keyof typeof ofFields
const byteBreakages = Object.keys(ofBytes) as (keyof typeof ofBytes)[]
const fieldBreakages = Object.keys(ofFields) as (keyof typeof ofFields)[]
export const breakages: readonly Breakage[] = [...byteBreakages, ...fieldBreakages]

/** A frame that is broken in one named way, and in up to two further ones of its bytes. */
export function breakFrame(
  frame: WholeFrame,
  draw: Draw,
): { readonly how: Breakage; readonly bytes: Uint8Array } {
  const how = breakages[draw(breakages.length)]!
  let bytes = breakOnce(frame, how, draw)
  // Half of them in this way alone, so that what refuses them is what should.
  for (let more = Math.max(0, draw(4) - 1); more > 0 && bytes.length > 0; more--) {
    bytes = ofBytes[byteBreakages[draw(byteBreakages.length)]!](bytes, draw(bytes.length), draw)
  }
  return { how, bytes }
}

function breakOnce(frame: WholeFrame, how: Breakage, draw: Draw): Bytes {
  const own = new Uint8Array(frame.bytes)
  if (how in ofBytes) {
    return ofBytes[how as keyof typeof ofBytes](own, draw(own.length), draw)
  }
  const field = frame.fields[draw(frame.fields.length)]!
  return (
    ofFields[how as keyof typeof ofFields]({ frame, field, draw }) ?? own.slice(0, field.to - 1)
  )
}

/** From its tag to the tag of the next one. */
function spanOf(fields: readonly WireField[], field: WireField) {
  const index = fields.indexOf(field)
  return { at: index === 0 ? 0 : fields[index - 1]!.to, next: field.to }
}

function fieldOf(bytes: Uint8Array, fields: readonly WireField[], field: WireField): Uint8Array {
  const { at, next } = spanOf(fields, field)
  return bytes.subarray(at, next)
}

function joined(...pieces: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const piece of pieces) {
    bytes.set(piece, end)
    end += piece.length
  }
  return bytes
}
