import { tableLimits } from '../limits.ts'
import { afterLineEnd, endOfLine, isLineEnd } from './lineEnds.ts'
import type { TextReader } from './textReader.ts'

/** A record of CSV (RFC 4180) as a part of the file. */
export type TextRecord = {
  /** The line on which it begins, from 1. */
  readonly line: number
  readonly from: number
  /** Its end, without the line end. */
  readonly to: number
  /** `plain`: no cell is quoted. `intricate`: a quoted cell contains a quote or a line end. */
  readonly quoting: 'plain' | 'quoted' | 'intricate'
  readonly fault: 'open-quote' | 'too-long' | null
}

/**
 * The records of a text, blank lines left out; a few integers each, as nothing is decoded.
 *
 * A quote that does not close, or closes within a cell, costs the line on which it opens: reading
 * goes on with the next line, as if that one had no quotes.
 *
 * @param delimiter code of the character between cells; null where there is one cell in a line.
 */
export function* recordsOf(
  reader: TextReader,
  delimiter: number | null,
): Generator<TextRecord, void> {
  const { bytes } = reader
  let line = 1
  let at = reader.start
  while (at < bytes.length) {
    const scan = scanRecord(reader, delimiter, at)
    const { from, to, quoting, fault } = scan
    if (!scan.isBlank) yield { line, from, to, quoting, fault }
    line += scan.lineEnds + 1
    at = to < bytes.length ? afterLineEnd(reader, to) : to
  }
}

type Scan = Omit<TextRecord, 'line'> & { readonly isBlank: boolean; readonly lineEnds: number }

const quote = 0x22
const space = 0x20
const tab = 0x09

function scanRecord(reader: TextReader, delimiter: number | null, from: number): Scan {
  const { width, bytes } = reader
  const end = Math.min(bytes.length, from + tableLimits.rowBytesMax)
  let quoting: TextRecord['quoting'] = 'plain'
  let isBlank = true
  let isCellStart = true
  let lineEnds = 0
  let at = from
  for (; at < end; at += width) {
    const code = reader.codeAt(at)
    if (isLineEnd(code)) return { from, to: at, quoting, fault: null, isBlank, lineEnds }
    if (code === delimiter) {
      isCellStart = true
      isBlank &&= delimiter === tab
    } else if (code === quote && isCellStart) {
      const cell = scanQuoted(reader, delimiter, at)
      if (cell === null || cell.lineEnds + lineEnds > tableLimits.rowLinesMax) {
        return restOfLine(reader, from, 'open-quote')
      }
      lineEnds += cell.lineEnds
      if (cell.isIntricate) quoting = 'intricate'
      else if (quoting === 'plain') quoting = 'quoted'
      at = cell.last
      isCellStart = false
      isBlank = false
    } else if (code !== space && code !== tab) {
      isCellStart = false
      isBlank = false
    }
  }
  if (at < bytes.length) return restOfLine(reader, from, 'too-long')
  return { from, to: bytes.length, quoting, fault: null, isBlank, lineEnds }
}

type QuotedCell = {
  readonly last: number
  readonly lineEnds: number
  readonly isIntricate: boolean
}

/** Up to the last blank behind the closing quote; null where no cell ends there. */
function scanQuoted(
  reader: TextReader,
  delimiter: number | null,
  opening: number,
): QuotedCell | null {
  const { width, bytes } = reader
  const end = Math.min(bytes.length, opening + tableLimits.rowBytesMax)
  let lineEnds = 0
  let isIntricate = false
  for (let at = opening + width; at < end; at += width) {
    const code = reader.codeAt(at)
    if (isLineEnd(code)) {
      isIntricate = true
      lineEnds++
      if (lineEnds > tableLimits.rowLinesMax) return null
      at = afterLineEnd(reader, at) - width
      continue
    }
    if (code !== quote) continue
    if (reader.codeAt(at + width) === quote) {
      isIntricate = true
      at += width
      continue
    }
    let next = at + width
    while (isBlankWithin(reader.codeAt(next), delimiter)) next += width
    const follows = reader.codeAt(next)
    const isEnd = next >= bytes.length || follows === delimiter || isLineEnd(follows)
    return isEnd ? { last: next - width, lineEnds, isIntricate } : null
  }
  return null
}

function isBlankWithin(code: number, delimiter: number | null): boolean {
  return code === space || (code === tab && delimiter !== tab)
}

function restOfLine(reader: TextReader, from: number, fault: 'open-quote' | 'too-long'): Scan {
  const to = endOfLine(reader, from)
  return { from, to, quoting: 'plain', fault, isBlank: false, lineEnds: 0 }
}
