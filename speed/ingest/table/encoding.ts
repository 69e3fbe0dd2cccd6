import { isUtf8 } from 'node:buffer'
import { analyse } from 'chardet'
import { BinaryFileError } from '../../../schemas/errors/binaryFile.ts'
import {
  EncodingError,
  EncodingUnclearError,
  WrongEncodingError,
} from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { afterLineEnd } from './lineEnds.ts'
import type { Evidence } from './table.ts'
import { encodingNames, encodingOf, readerOf, type TextReader } from './textReader.ts'

export type FoundEncoding = { readonly reader: TextReader; readonly evidence: Evidence }

/**
 * The encoding of text: a byte order mark, then the profile, then UTF-8 where the bytes are valid,
 * then the most likely one by the language it seems to be in.
 *
 * @throws EncodingUnclearError where two are equally likely and read differently.
 */
export function findEncoding(bytes: Uint8Array, stated: string | undefined): FoundEncoding {
  const encoding = stated === undefined ? undefined : encodingOf(stated)
  if (stated !== undefined && encoding === undefined) {
    throw new EncodingError({ encoding: stated, known: encodingNames })
  }
  const mark = byteOrderMarks.find(({ mark: each }) => each.every((byte, at) => bytes[at] === byte))
  if (mark !== undefined) {
    const why = `it begins with the byte order mark of ${mark.name}`
    if (encoding !== undefined && encoding !== mark.name) {
      throw new WrongEncodingError({ stated: encoding, found: mark.name })
    }
    if (mark.name === 'utf-32')
      throw new EncodingError({ encoding: 'utf-32', known: encodingNames })
    return found(mark.name, bytes, { why, skip: mark.mark.length })
  }
  if (encoding !== undefined) return found(encoding, bytes, { why: 'it was set' })
  const wide = guessUtf16(bytes)
  if (wide) return found(wide, bytes, { why: 'every other byte is zero' })
  if (isBinary(bytes)) {
    throw new BinaryFileError({ found: 'binary' })
  }
  if (isUtf8(bytes)) return found('utf-8', bytes, { why: 'all of it is valid UTF-8' })
  return guess(bytes)
}

const byteOrderMarks = [
  { name: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  // Before UTF-16, whose mark it begins with.
  { name: 'utf-32', mark: [0xff, 0xfe, 0, 0] },
  { name: 'utf-16le', mark: [0xff, 0xfe] },
  { name: 'utf-16be', mark: [0xfe, 0xff] },
]

function found(
  name: string,
  bytes: Uint8Array,
  { why, skip = 0 }: { readonly why: string; readonly skip?: number },
): FoundEncoding {
  return {
    reader: readerOf(name, bytes, skip),
    evidence: { field: 'encoding', value: name, why },
  }
}

/** Without a byte order mark: tables are digits and separators, so every other byte is zero. */
function guessUtf16(bytes: Uint8Array): string | null {
  const sample = bytes.subarray(0, tableLimits.encodingSampleBytes)
  const zeros = [0, 0]
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at & 1]!++
  const [even = 0, odd = 0] = zeros
  const half = sample.length / 2
  if (odd > 0.6 * half && even < 0.1 * half) return 'utf-16le'
  if (even > 0.6 * half && odd < 0.1 * half) return 'utf-16be'
  return null
}

/** Control characters are in no table; a few, of a torn file, cost only their rows. */
function isBinary(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, tableLimits.encodingSampleBytes)
  const controls = sample.reduce((sum, byte) => sum + (isControl(byte) ? 1 : 0), 0)
  return controls > 0.1 * sample.length
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && (byte < 9 || byte > 13)) || byte === 0x7f
}

function guess(bytes: Uint8Array): FoundEncoding {
  const lines = linesBeyondAscii(bytes)
  const sample = Buffer.concat(lines.map(({ text }) => text))
  const isMostlyUtf8 = lines.filter(({ text }) => isUtf8(text)).length * 2 > lines.length
  if (isMostlyUtf8) {
    const why = 'most of it is valid UTF-8; lines that are not are refused'
    return found('utf-8', bytes, { why })
  }
  const candidates = likely(sample)
  // An old spreadsheet of the Mac ends its lines with CR alone.
  if (!bytes.includes(0x0a)) candidates.push({ name: 'macintosh', confidence: Infinity })
  const best = candidates[0]!
  const rivals = candidates.filter(({ confidence }) => confidence >= best.confidence)
  for (const line of lines) {
    const readings = differentReadings(line.text, rivals)
    if (readings.length > 1) throw new EncodingUnclearError({ line: line.line, readings })
  }
  const why = `it is not UTF-8, and its characters are most likely ${best.name}`
  return found(best.name, bytes, { why })
}

type Candidate = { readonly name: string; readonly confidence: number }

/** Best first. ISO-8859-1 is windows-1252 without its 32 last characters, so it is read as that. */
function likely(sample: Uint8Array): Candidate[] {
  const seen = analyse(sample)
    .map(({ name, confidence }) => ({ name: name.toLowerCase(), confidence }))
    .map(({ name, confidence }) => ({
      name: name === 'iso-8859-1' ? 'windows-1252' : name,
      confidence,
    }))
    .filter(
      ({ name, confidence }) =>
        encodingOf(name) !== undefined && name !== 'utf-8' && confidence > 0,
    )
  if (seen.length > 0) return seen
  return ['windows-1252', 'windows-1250'].map((name) => ({ name, confidence: 0 }))
}

function differentReadings(text: Uint8Array, rivals: readonly Candidate[]) {
  const readings = new Map<string, string>()
  for (const { name } of rivals) {
    const read = shown(text, name)
    if (!readings.has(read)) readings.set(read, name)
  }
  return [...readings].map(([read, encoding]) => ({ encoding, text: read }))
}

function shown(text: Uint8Array, encoding: string): string {
  const { shownCharsMax } = tableLimits
  const reader = readerOf(encoding, text.subarray(0, 4 * shownCharsMax), 0)
  return reader.decode(0, reader.bytes.length).text.slice(0, shownCharsMax)
}

type LineBeyondAscii = { readonly line: number; readonly text: Uint8Array }

function linesBeyondAscii(bytes: Uint8Array): LineBeyondAscii[] {
  const lines: LineBeyondAscii[] = []
  let line = 1
  let from = 0
  let size = 0
  let isBeyond = false
  const reader = readerOf('windows-1252', bytes, 0)
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== undefined && byte !== 0x0a && byte !== 0x0d) {
      isBeyond ||= byte >= 0x80
      continue
    }
    if (isBeyond) {
      const text = bytes.subarray(from, Math.min(at, from + tableLimits.encodingSampleBytes))
      lines.push({ line, text })
      size += text.length
      if (size > tableLimits.encodingSampleBytes) break
    }
    if (byte !== undefined) at = afterLineEnd(reader, at) - 1
    line++
    from = at + 1
    isBeyond = false
  }
  return lines
}

/** What an XML declaration says of its own encoding, where it can be read as ASCII. */
export function encodingOfXml(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const said = /^\s*<\?xml[^>]*\bencoding=["']([\w.-]+)["']/.exec(head)?.[1]
  // A text that .NET wrote says UTF-16 whatever its file is in; as ASCII it cannot be that.
  return said !== undefined && /^utf-?16/i.test(said) ? undefined : said
}
