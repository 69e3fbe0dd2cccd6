import { BinaryFileError, type BinaryFormat } from '../../../schemas/errors/binaryFile.ts'
import { MeterDataCutError } from '../../../schemas/errors/table.ts'
import { linesOf } from './lineEnds.ts'
import { isChannelRecord, meterDataVersion } from './nem12Table.ts'
import type { TableFormat } from './table.ts'
import type { TextReader } from './textReader.ts'

/** Files that are no text, by their first bytes. */
const magics: readonly (readonly [BinaryFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['xls', [0xd0, 0xcf, 0x11, 0xe0]],
]

/** A zip archive, as a workbook is one. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04
}

/** @throws BinaryFileError for a file that is known not to be a table. */
export function refuseBinary(bytes: Uint8Array): void {
  for (const [found, magic] of magics) {
    if (magic.every((byte, at) => bytes[at] === byte)) throw new BinaryFileError({ found })
  }
}

/**
 * By its first characters: a table of CSV begins with none of these.
 *
 * @throws BinaryFileError for a web page, which a download without a session is; MeterDataCutError
 * for NEM12 without its first record.
 */
export function formatOfText(reader: TextReader): TableFormat {
  const [line] = linesOf(reader)
  if (!line) return 'csv'
  const { text } = reader.decode(line.from, Math.min(line.to, line.from + 1024))
  if (/^\s*<(!doctype\s+html|html)\b/i.test(text)) throw new BinaryFileError({ found: 'webPage' })
  if (/^\s*<[?!\w]/.test(text)) return 'espi-xml'
  if (meterDataVersion(text) !== null) return 'nem12'
  if (isChannelRecord(text)) throw new MeterDataCutError({ line: line.line })
  if (/^\s*\[\s*($|[[{\]])/.test(text)) return 'json'
  if (!/^\s*\{\s*($|["}])/.test(text)) return 'csv'
  return isWholeLine(reader) ? 'ndjson' : 'json'
}

/** A line of NDJSON is an object; what is alone may be a list within an object. */
function isWholeLine(reader: TextReader): boolean {
  const lines = linesOf(reader)
  const read = () => {
    const { value } = lines.next()
    return value && reader.decode(value.from, value.to).text
  }
  const first = read()
  const second = read()
  if (first === undefined) return false
  const isObject = /\}\s*$/.test(first)
  if (second === undefined) return isObject && !first.includes('[')
  return isObject || (/^\s*\{/.test(second) && !/[[{:,]\s*$/.test(first))
}
