import { InvalidArgumentError } from './wattproofError.ts'

/** A file of readings that `ingest` cannot read as a whole; its sentence names flags. */
abstract class ReadingsFileError extends InvalidArgumentError {
  override readonly kind = 'wrong-use'
}

export class EmptyFileError extends ReadingsFileError {
  constructor(read: { readonly file: string }) {
    super(`${read.file} is empty; its first line must name its columns.`, read)
  }
}

export class NotTextError extends ReadingsFileError {
  constructor(read: { readonly file: string }) {
    super(`${read.file} is binary; save it as CSV or NDJSON in UTF-8.`, read)
  }
}

export class DelimiterError extends ReadingsFileError {
  constructor(read: { readonly file: string; readonly delimiter: 'semicolon' | 'tab' }) {
    super(
      `${read.file} separates its columns by a ${read.delimiter}: --delimiter ${read.delimiter} ` +
        'reads it, with --dry-run to see how.',
      read,
    )
  }
}

/** A file that was not said to be wide, and whose header is not a tidy one. */
export class WideGuessError extends ReadingsFileError {
  constructor(read: {
    readonly file: string
    readonly columns: readonly string[]
    readonly known: readonly string[]
  }) {
    super(
      `${read.file} was taken as wide (a stamp, then a series a column), as its header does not ` +
        `name both meter and start: ${listed(read.columns)}. If it is wide, give --step, the ` +
        'seconds of an interval, and --unit; if it is tidy, name its columns ' +
        `${read.known.join(', ')}.`,
      read,
    )
  }
}

export class StepFlagError extends ReadingsFileError {
  constructor(read: {
    readonly file: string
    readonly step: string | undefined
    readonly stepSMax: number
  }) {
    const not = read.step === undefined ? '' : `, not ${read.step}`
    super(
      `${read.file} is wide: --step takes the seconds of an interval, 1 to ${read.stepSMax}${not}.`,
      read,
    )
  }
}

export class TidyColumnsError extends ReadingsFileError {
  constructor(read: {
    readonly file: string
    readonly unknown: readonly string[]
    readonly missing: readonly string[]
    readonly known: readonly string[]
  }) {
    const faults = [
      ...(read.missing.length > 0 ? [`lacks ${read.missing.join(' and ')}`] : []),
      ...(read.unknown.length > 0 ? [`does not know ${listed(read.unknown)}`] : []),
    ]
    super(
      `${read.file} is read as tidy, which ${faults.join(' and ')}; its columns are ` +
        `${read.known.join(', ')}. For a series a column give --layout wide.`,
      read,
    )
  }
}

const listedMax = 10

function listed(names: readonly string[]): string {
  const first = names.slice(0, listedMax).join(', ')
  return names.length > listedMax ? `${first} and ${names.length - listedMax} more` : first
}
