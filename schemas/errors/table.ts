import { InvalidArgumentError } from './wattproofError.ts'

/** A file of which no table can be read; a row that cannot be read is refused by itself. */
abstract class TableError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
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
      `No table was found in the first ${file.lines} lines: no rows that have a time or a number ` +
        `in the same columns, whether separated by comma, semicolon, tab or |. It begins with ` +
        `"${file.first}". If there is one, say --header-row and --delimiter.`,
      file,
    )
  }
}

export class BinaryFileError extends TableError {
  constructor(file: { readonly what: string; readonly advice: string }) {
    super(`The file is ${file.what}, not a table of text; ${file.advice}.`, file)
  }
}

export class TableTooLargeError extends TableError {
  override readonly details
  constructor(file: {
    readonly what: string
    readonly size: number
    readonly max: number
    readonly unit: 'bytes' | 'columns' | 'rows' | 'levels' | 'files' | 'texts'
  }) {
    super(`${file.what} has ${file.size} ${file.unit}; at most ${file.max} are read.`, file)
    this.details = file
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
  constructor(file: { readonly stated: string; readonly found: string; readonly why: string }) {
    super(`The file was said to be ${file.stated}, but ${file.why}: it is ${file.found}.`, file)
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
      `The file was said to separate its columns by ${file.stated}, but line ${file.line} does ` +
        `so by ${file.found}. Say --delimiter ${file.found}, or leave it out.`,
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

export class HeaderRowError extends TableError {
  constructor(profile: { readonly headerRow: number; readonly fault: 'no-line' | 'blank' }) {
    super(
      profile.fault === 'no-line'
        ? `There is no line ${profile.headerRow} that could be the header; lines count from 1.`
        : `Line ${profile.headerRow} was said to be the header, and is blank.`,
      profile,
    )
  }
}

const listedMax = 10

function listed(names: readonly string[]): string {
  const first = names.slice(0, listedMax).join(', ')
  return names.length > listedMax ? `${first} and ${names.length - listedMax} more` : first
}
