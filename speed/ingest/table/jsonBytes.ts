import { JsonArrayError } from '../../../schemas/errors/input.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const opening = new Set([0x5b, 0x7b])
const closing = new Set([0x5d, 0x7d])
const blank = new Set([0x20, 0x09, 0x0a, 0x0d])

/** The position of the comma or bracket after an element. */
export function endOfElement(body: Uint8Array, from: number): number {
  let depth = 0
  for (let at = from; at < body.length; at++) {
    const byte = body[at]!
    if (byte === quote) {
      at = endOfString(body, at)
    } else if (opening.has(byte)) {
      depth++
    } else if (closing.has(byte)) {
      if (depth === 0) return at
      depth--
    } else if (byte === comma && depth === 0) {
      return at
    }
  }
  throw new JsonArrayError({ fault: 'no-end' })
}

function endOfString(body: Uint8Array, from: number): number {
  for (let at = from + 1; at < body.length; at++) {
    if (body[at] === backslash) at++
    else if (body[at] === quote) return at
  }
  return body.length
}

export function skipBlank(body: Uint8Array, from: number): number {
  let at = from
  while (at < body.length && blank.has(body[at]!)) at++
  return at
}

export function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && blank.has(bytes[end - 1]!)) end--
  return bytes.subarray(0, end)
}
