import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'

/** The names of the WHATWG; every encoding here has ASCII's characters at their places. */
export const encodingNames = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1250', 'windows-1251', 'windows-1252'],
  ...['windows-1253', 'windows-1254', 'windows-1255', 'windows-1256', 'windows-1257'],
  ...['windows-1258', 'iso-8859-1', 'iso-8859-2', 'iso-8859-3', 'iso-8859-4', 'iso-8859-5'],
  ...['iso-8859-6', 'iso-8859-7', 'iso-8859-8', 'iso-8859-9', 'iso-8859-10', 'iso-8859-13'],
  ...['iso-8859-14', 'iso-8859-15', 'iso-8859-16', 'koi8-r', 'koi8-u', 'macintosh'],
  ...['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'],
] as const

const otherNames: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  ascii: 'utf-8',
  'us-ascii': 'utf-8',
  latin1: 'iso-8859-1',
  'latin-1': 'iso-8859-1',
  ansi: 'windows-1252',
  macroman: 'macintosh',
}

/** The name here of a label that a person may write, or undefined. */
export function encodingOf(label: string): string | undefined {
  const lower = label.trim().toLowerCase()
  const name = otherNames[lower] ?? lower.replace(/^cp(125\d)$/, 'windows-$1')
  return (encodingNames as readonly string[]).includes(name) ? name : undefined
}

/** Text that is searched as bytes, so that every row keeps its own, and decoded by row. */
export type TextReader = {
  readonly encoding: string
  readonly bytes: Uint8Array
  /** Where the text begins, behind a byte order mark. */
  readonly start: number
  /** Bytes of an ASCII character. */
  readonly width: 1 | 2
  /** The character at an offset, where it is an ASCII one; NaN behind the end. */
  codeAt(at: number): number
  decode(from: number, to: number): { readonly text: string; readonly isValid: boolean }
}

/** The whole text in pieces, none of which cuts a character. */
export function* piecesOf({ encoding, bytes, start }: TextReader): Generator<string, void> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false })
  for (let at = start; at < bytes.length; at += pieceBytes) {
    const end = Math.min(bytes.length, at + pieceBytes)
    yield decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at))
  }
  yield decoder.end() ?? ''
}

const pieceBytes = 64 << 10

export function readerOf(encoding: string, bytes: Uint8Array, start: number): TextReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const common = { encoding, bytes, start }
  if (encoding === 'utf-8') {
    return {
      ...common,
      width: 1,
      codeAt: (at) => bytes[at] ?? Number.NaN,
      decode(from, to) {
        const text = buffer.toString('utf8', from, to)
        return { text, isValid: !text.includes('\uFFFD') || isUtf8(bytes.subarray(from, to)) }
      },
    }
  }
  const decode = (from: number, to: number) => {
    const text = iconv.decode(buffer.subarray(from, to), encoding, { stripBOM: false })
    // Bytes that stand for no character, and half a character at the end of a cut file.
    return { text, isValid: !text.includes('\uFFFD') && (to - from) % width === 0 }
  }
  const width = encoding.startsWith('utf-16') ? 2 : 1
  const isLittle = encoding === 'utf-16le'
  const [low, high] = isLittle ? [0, 1] : [1, 0]
  const codeAt =
    width === 1
      ? (at: number) => bytes[at] ?? Number.NaN
      : (at: number) => (bytes[at + low] ?? Number.NaN) + 256 * (bytes[at + high] ?? Number.NaN)
  return { ...common, width, codeAt, decode }
}
