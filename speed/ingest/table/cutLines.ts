import { splitLines } from '../splitLines.ts'
import { afterLineEnd, isLineEnd } from './lineEnds.ts'
import { meterDataVersion } from './nem12Table.ts'
import { readerOf } from './textReader.ts'

const sampleBytes = 1 << 20
const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Whether a file is rows of text that a line feed ends, so that it may be cut behind any of them:
 * neither packed nor UTF-16, XML, a JSON array or records of several kinds.
 */
export function isCutByLines(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, sampleBytes)
  if (!sample.includes(lineFeed) || sample.includes(0)) return false
  const head = Buffer.from(sample.subarray(0, 1024)).toString('latin1')
  const [first = ''] = head.replace(/^\u00ef\u00bb\u00bf/, '').trimStart()
  if (first === '[' || first === '<' || meterDataVersion(head) !== null) return false
  // An object may go on over lines.
  if (first === '{' && !isObject(sample)) return false
  const isPacked = head.startsWith('PK') || head.startsWith('\u001f\u008b')
  return !isPacked && !hasLoneReturn(sample)
}

/** On its first line. */
function isObject(sample: Uint8Array): boolean {
  const [line] = splitLines(sample)
  try {
    return typeof JSON.parse(new TextDecoder().decode(line?.original)) === 'object'
  } catch {
    // Not swallowed: it is read whole, and refused there if it is no JSON.
    return false
  }
}

/** CR alone ends a line, too. */
function hasLoneReturn(bytes: Uint8Array): boolean {
  for (
    let at = bytes.indexOf(carriageReturn);
    at >= 0;
    at = bytes.indexOf(carriageReturn, at + 1)
  ) {
    const next = bytes[at + 1]
    if (next !== lineFeed && next !== carriageReturn && next !== undefined) return true
  }
  return false
}

/** Counted as the lines of a table are. */
export function countLineEnds(bytes: Uint8Array): number {
  const reader = readerOf('windows-1252', bytes, 0)
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    if (!isLineEnd(bytes[at]!)) {
      at++
      continue
    }
    at = afterLineEnd(reader, at)
    count++
  }
  return count
}
