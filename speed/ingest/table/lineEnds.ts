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
