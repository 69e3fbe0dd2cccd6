import { counted } from './counted.ts'
import { InvalidArgumentError } from './wattproofError.ts'

/** A file of which no table can be read; a row that cannot be read is refused by itself. */
export abstract class TableError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

/** Names the file that cannot be read, since several may be given. */
export class UnreadableFileError extends TableError {
  constructor(read: { readonly file: string }, cause: Error) {
    super(`${read.file}: ${cause.message}`, read, cause)
  }
}

/** Every row or cell of a file was refused, or is a gap. */
export class NothingReadError extends TableError {
  constructor(read: { readonly file: string; readonly first: string }) {
    const { file, first } = read
    super(`${file} has no reading that can be read${first === '' ? '.' : `: ${first}`}`, read)
  }
}

export class EmptyTableError extends TableError {
  constructor(file: { readonly bytes: number }) {
    super(file.bytes === 0 ? 'The file is empty.' : 'The file holds nothing but blank lines.', file)
  }
}

export class OnlyHeaderError extends TableError {
  constructor(file: { readonly line: number; readonly columns: readonly string[] }) {
    super(
      `The file holds only a header, on line ${file.line} (${listed(file.columns)}), and no row ` +
        'below it.',
      file,
    )
  }
}

/** Text without rows of a time and a value. */
export class NoTableError extends TableError {
  constructor(file: { readonly lines: number; readonly first: string }) {
    super(
      `No table was found in the first ${counted(file.lines, 'line')}: no rows that have a time ` +
        'or a number in the same columns, whether separated by comma, semicolon, tab or |. It ' +
        `begins with "${file.first}". If there is one, set --header-row and --delimiter.`,
      file,
    )
  }
}

export class TableTooLargeError extends TableError {
  override readonly details
  constructor(file: {
    readonly what: string
    /** Null where it was not counted to the end. */
    readonly size: number | null
    readonly max: number
    readonly unit: 'cells' | 'bytes' | 'columns' | 'rows' | 'levels' | 'files' | 'texts'
  }) {
    const { what, size, max, unit } = file
    super(`${what} has ${size ?? 'more'} ${unit}; at most ${max} are read.`, file)
    this.details = file
  }
}

export class WrongFormatError extends TableError {
  constructor(file: { readonly stated: string; readonly isArchive: boolean }) {
    const { stated, isArchive } = file
    const archive = 'a zip archive, as only a workbook (xlsx) is one'
    const found = isArchive ? archive : 'not a zip archive'
    super(`The format is set to ${stated}, but the file is ${found}. Leave --format out.`, file)
  }
}

export class EncodingError extends TableError {
  constructor(profile: { readonly encoding: string; readonly known: readonly string[] }) {
    super(
      `The encoding ${profile.encoding} is not known; it is one of ${profile.known.join(', ')}.`,
      profile,
    )
  }
}

/** The bytes are not what the profile says. */
export class WrongEncodingError extends TableError {
  constructor(file: { readonly stated: string; readonly found: string }) {
    const { stated, found } = file
    super(
      `The encoding is set to ${stated}, but it begins with the byte order mark of ${found}: ` +
        `it is ${found}.`,
      file,
    )
  }
}

export class EncodingUnclearError extends TableError {
  constructor(file: {
    readonly line: number
    readonly readings: readonly { readonly encoding: string; readonly text: string }[]
  }) {
    const each = file.readings.map(({ encoding, text }) => `"${text}" in ${encoding}`)
    super(
      `The encoding is not clear: line ${file.line} reads ${each.join(' and ')}. ` +
        'Say which with --encoding.',
      file,
    )
  }
}

export class DelimiterCharacterError extends TableError {
  constructor(profile: { readonly delimiter: string }) {
    super(
      `A delimiter is one ASCII character that is neither a quote nor a line end, or \`tab\`; ` +
        `not "${profile.delimiter}".`,
      profile,
    )
  }
}

export class WrongDelimiterError extends TableError {
  constructor(file: { readonly stated: string; readonly found: string; readonly line: number }) {
    super(
      `The delimiter is set to ${file.stated}, but that of line ${file.line} is ${file.found}. ` +
        `Set --delimiter ${file.found}, or leave it out.`,
      file,
    )
  }
}

export class DelimiterUnclearError extends TableError {
  constructor(file: {
    readonly line: number
    readonly readings: readonly { readonly delimiter: string; readonly cells: readonly string[] }[]
  }) {
    const each = file.readings.map(
      ({ delimiter, cells }) => `[${cells.map((cell) => `"${cell}"`).join(', ')}] by ${delimiter}`,
    )
    super(
      `The delimiter is not clear: line ${file.line} reads ${each.join(' and ')}. ` +
        'Say which with --delimiter.',
      file,
    )
  }
}

/** Two answers: the line names the columns, or is a row whose first cell is wrong. */
export class HeaderUnclearError extends TableError {
  constructor(file: { readonly line: number; readonly cells: readonly string[] }) {
    super(
      `It is not clear whether line ${file.line} (${file.cells.join(', ')}) names the columns or ` +
        `is a row. Set --header-row ${file.line} if it does, --header-row 0 if nothing does.`,
      file,
    )
  }
}

export class HeaderRowError extends TableError {
  constructor(profile: { readonly headerRow: number; readonly fault: 'no-line' | 'blank' }) {
    super(
      profile.fault === 'no-line'
        ? `There is no line ${profile.headerRow} that could be the header; lines count from 1.`
        : `Line ${profile.headerRow} is set as the header, and is blank.`,
      profile,
    )
  }
}

/** XML that a strict reader refuses: nothing of the file is taken. */
export class XmlError extends TableError {
  constructor(file: { readonly line: number; readonly reason: string }) {
    super(`The XML cannot be read on line ${file.line}: ${file.reason}.`, file)
  }
}

export class XmlNotUtf8Error extends XmlError {
  constructor() {
    super({ line: 1, reason: 'it is not valid UTF-8' })
  }
}

/** A document type can declare entities that grow without end or name other files. */
export class DocumentTypeError extends TableError {
  constructor(file: { readonly line: number }) {
    super(
      `The XML declares a document type on line ${file.line}, which is not read; remove it.`,
      file,
    )
  }
}

export class ArchiveError extends TableError {
  constructor(file: { readonly what: string; readonly reason: string }, cause?: unknown) {
    super(`${file.what} cannot be unpacked: ${file.reason}. Copy it again.`, file, cause)
  }
}

export class NoSheetError extends TableError {
  constructor(workbook: { readonly sheet: string | null; readonly known: readonly string[] }) {
    const { sheet, known } = workbook
    super(
      sheet === null
        ? `No sheet of the workbook has a table of times and values: ${listed(known)}.`
        : `The workbook has no sheet ${sheet}; it has ${listed(known)}.`,
      workbook,
    )
  }
}

export class SheetUnclearError extends TableError {
  constructor(workbook: {
    readonly sheets: readonly { readonly name: string; readonly line: number }[]
  }) {
    const each = workbook.sheets.map(({ name, line }) => `${name} from row ${line} on`)
    super(
      `More than one sheet of the workbook has a table: ${each.join(' and ')}. Say which with ` +
        '--sheet.',
      workbook,
    )
  }
}

/** XML of another kind than Green Button (ESPI, NAESB REQ.21). */
export class NoGreenButtonError extends TableError {
  constructor(file: { readonly root: string; readonly hasReadings: boolean }) {
    super(
      file.hasReadings
        ? 'The Green Button file has blocks of intervals, and no reading in them.'
        : `The XML is not Green Button data: its root is ${file.root}, without an IntervalBlock.`,
      file,
    )
  }
}

/** A file of typed records that holds something else than intervals. */
export class MeterDataFileError extends TableError {
  constructor(file: { readonly version: string }) {
    super(
      `The file is ${file.version} of AEMO's meter data file format; only NEM12, which has ` +
        'intervals, is read.',
      file,
    )
  }
}

/** Records without the one that says what they are. */
export class MeterDataCutError extends TableError {
  constructor(file: { readonly line: number }) {
    super(
      `Line ${file.line} is a record 200 of AEMO's meter data (NEM12), without the record 100 ` +
        'that comes first. Is the file cut? Take it whole, or put the line 100,NEM12 before it.',
      file,
    )
  }
}

const listedMax = 10

function listed(names: readonly string[]): string {
  const first = names.slice(0, listedMax).join(', ')
  return names.length > listedMax ? `${first} and ${names.length - listedMax} more` : first
}
