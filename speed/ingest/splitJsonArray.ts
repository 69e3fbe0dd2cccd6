import { JsonArrayError } from '../../schemas/errors/input.ts'
import { hasByteOrderMark } from './splitLines.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const opening = new Set([0x5b, 0x7b])
const closing = new Set([0x5d, 0x7d])
const blank = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The elements of a JSON array, each as its original bytes.
 *
 * Only element boundaries are searched for, so that one broken element is one rejected row and its
 * neighbours are read.
 *
 * @throws InvalidArgumentError when the body is not an array or does not end.
 */
export function splitJsonArray(body: Uint8Array): Uint8Array[] {
  const first = skipBlank(body, hasByteOrderMark(body) ? 3 : 0)
  if (body[first] !== 0x5b) throw new JsonArrayError({ fault: 'no-array' })
  const elements: Uint8Array[] = []
  let at = skipBlank(body, first + 1)
  if (body[at] === 0x5d && skipBlank(body, at + 1) === body.length) return elements
  for (;;) {
    const end = endOfElement(body, at)
    elements.push(trimEnd(body.subarray(at, end)))
    if (body[end] === comma) {
      at = skipBlank(body, end + 1)
      continue
    }
    if (skipBlank(body, end + 1) === body.length) return elements
    throw new JsonArrayError({ fault: 'more-after-end' })
  }
}

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
