import type { TextReader } from './textReader.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

export function isLineEnd(code: number): boolean {
  return code === lineFeed || code === carriageReturn
}

/**
 * Where the line after a line end begins. LF, CR LF and CR alone end a line, as they do in an
 * editor; so does CR CR LF, which a copy in text mode makes of CR LF.
 */
export function afterLineEnd(reader: TextReader, at: number): number {
  const { width } = reader
  let next = at
  while (reader.codeAt(next) === carriageReturn) next += width
  if (reader.codeAt(next) === lineFeed) return next + width
  return at + width
}

/** Where the line that goes on at an offset ends. */
export function endOfLine({ bytes, width, codeAt }: TextReader, from: number): number {
  if (width === 1) {
    // Native searches: such a line may be the whole file.
    const lineFeed = bytes.indexOf(0x0a, from)
    const rest = bytes.subarray(from, lineFeed < 0 ? bytes.length : lineFeed)
    const carriageReturn = rest.indexOf(0x0d)
    return from + (carriageReturn < 0 ? rest.length : carriageReturn)
  }
  let to = from
  while (to < bytes.length && !isLineEnd(codeAt(to))) to += width
  return Math.min(to, bytes.length)
}

export type TextLine = { readonly line: number; readonly from: number; readonly to: number }

/** The lines that are not blank, without their line ends. */
export function* linesOf(reader: TextReader): Generator<TextLine, void> {
  const { bytes } = reader
  let at = reader.start
  for (let line = 1; at < bytes.length; line++) {
    const to = endOfLine(reader, at)
    if (!isBlank(reader, at, to)) yield { line, from: at, to }
    at = to < bytes.length ? afterLineEnd(reader, to) : to
  }
}

function isBlank({ codeAt, width }: TextReader, from: number, to: number): boolean {
  for (let at = from; at < to; at += width)
    if (codeAt(at) !== 0x20 && codeAt(at) !== 0x09) return false
  return true
}
