import { BinaryFileError } from '../../../schemas/errors/table.ts'

/** Files that are no text, by their first bytes, and what to do about each. */
const binaries = [
  { magic: [0x1f, 0x8b], what: 'packed by gzip', advice: 'unpack it, or name it .gz' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'packed by zstd', advice: 'unpack it first' },
  { magic: [0x42, 0x5a, 0x68], what: 'packed by bzip2', advice: 'unpack it first' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'packed by xz', advice: 'unpack it first' },
  { magic: [0x25, 0x50, 0x44, 0x46], what: 'a PDF', advice: 'ask for the data as CSV' },
  { magic: [0x50, 0x41, 0x52, 0x31], what: 'Parquet', advice: 'export it as CSV' },
  {
    magic: [0xd0, 0xcf, 0x11, 0xe0],
    what: 'an .xls workbook of before 2007, or one with a password',
    advice: 'save it as .xlsx or CSV, without a password',
  },
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive', advice: 'unpack it first' },
]

/** @throws BinaryFileError for a file that is known not to be a table. */
export function refuseBinary(bytes: Uint8Array): void {
  const found = binaries.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte))
  if (found) throw new BinaryFileError(found)
}
