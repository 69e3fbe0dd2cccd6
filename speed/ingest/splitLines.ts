const lineFeed = 10
const carriageReturn = 13

/** A line or another part of a body as its bytes; lines count from 1, blank ones too. */
export type NumberedLine = { readonly line: number; readonly original: Uint8Array }

/** The non-empty lines of a body. A field of a reading contains no line break. */
export function* splitLines(body: Uint8Array): Generator<NumberedLine> {
  let number = 0
  let at = hasByteOrderMark(body) ? 3 : 0
  while (at < body.length) {
    const found = body.indexOf(lineFeed, at)
    const next = found < 0 ? body.length : found + 1
    let end = found < 0 ? body.length : found
    if (end > at && body[end - 1] === carriageReturn) end--
    number++
    const original = body.subarray(at, end)
    if (!isBlank(original)) yield { line: number, original }
    at = next
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The text of bytes, or null when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    // Not swallowed: null is the result, and the caller rejects the row as unparsable.
    return null
  }
}

export function hasByteOrderMark(body: Uint8Array): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 32 || byte === 9 || byte === carriageReturn)
}
