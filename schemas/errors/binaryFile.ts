import { InvalidArgumentError } from './wattproofError.ts'

/** What a file may be instead of a table, and what to do about each. */
const binaries = {
  archive: ['a zip archive', 'unpack it first'],
  binary: ['binary', 'export it as CSV, NDJSON or .xlsx'],
  bzip2: ['packed by bzip2', 'unpack it first'],
  gzip: ['packed by gzip', 'unpack it, or name it .gz'],
  ods: ['an OpenDocument sheet', 'save it as .xlsx or CSV'],
  parquet: ['Parquet', 'export it as CSV'],
  pdf: ['a PDF', 'ask for the data as CSV'],
  webPage: ['a web page', 'download it again, signed in if the page asks for it'],
  xls: [
    'an .xls workbook of before 2007, or one with a password',
    'save it as .xlsx or CSV, without a password',
  ],
  xlsb: ['an .xlsb workbook', 'save it as .xlsx or CSV'],
  xz: ['packed by xz', 'unpack it first'],
  zstd: ['packed by zstd', 'unpack it first'],
} as const

export type BinaryFormat = keyof typeof binaries

export class BinaryFileError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(file: { readonly found: BinaryFormat }) {
    const [what, advice] = binaries[file.found]
    super(`The file is ${what}, not a table of text; ${advice}.`, file)
  }
}
