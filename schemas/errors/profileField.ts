import { InvalidArgumentError } from './wattproofError.ts'

/** `why` goes on with "set" and the field. */
type Missing = { readonly field: string; readonly why: string; readonly example: string }
type Header = { readonly header: readonly string[] }
type Column = { readonly column: string }

/** A field of the profile that nobody set and the file does not show. */
abstract class ProfileFieldMissingError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor({ field, why, example }: Missing, file: object) {
    super(`${why} set ${field}, such as ${example}.`, { ...file, field })
  }
}

export class NoStampColumnError extends ProfileFieldMissingError {
  constructor(file: Header) {
    const why = `No column of ${file.header.join(' | ')} is known as a stamp:`
    super({ field: 'columns', why, example: '{ "start": "…" }' }, file)
  }
}

export class NoValueColumnError extends ProfileFieldMissingError {
  constructor(file: Header) {
    const why = `No column of ${file.header.join(' | ')} is known as a value:`
    super({ field: 'columns', why, example: '{ "value": "…" }' }, file)
  }
}

/** A column of meters, and none of what they measured. */
export class NoValueOfMetersError extends ProfileFieldMissingError {
  constructor(file: Column) {
    const why = `Column ${file.column} names meters, and no column is known as their value:`
    super({ field: 'columns or layout', why, example: '{ "value": "…" }' }, file)
  }
}

export class NoSeriesColumnError extends ProfileFieldMissingError {
  constructor(file: Header) {
    const why = `The header ${file.header.join(' | ')} has a stamp and no series; is the delimiter`
    super({ field: 'delimiter', why: `${why} right? If not,`, example: ';' }, file)
  }
}

/** Columns that are times of day, without the one of their date. */
export class NoDateColumnError extends ProfileFieldMissingError {
  constructor(file: Header) {
    const why = `The header ${file.header.join(' | ')} has no column date with columns of times:`
    super({ field: 'layout', why, example: 'wide' }, file)
  }
}

/** A column that is called a meter and has another value in each row. */
export class KeyAsMeterError extends ProfileFieldMissingError {
  constructor(file: Column) {
    const why = `Column ${file.column} has another value in each row, so it names no meter:`
    super({ field: 'columns', why, example: '{ "meter": "…" }' }, file)
  }
}

/** A column that is called a duration and counts the intervals of a day. */
export class CounterAsDurationError extends ProfileFieldMissingError {
  constructor(file: Column & { readonly first: readonly string[] }) {
    const why =
      `Column ${file.column} counts the intervals (${file.first.join(', ')}, …) and gives no ` +
      'length: write the time of each row, and'
    super({ field: 'columns', why, example: '{ "startTime": "…" }' }, file)
  }
}

export class NoMeterError extends ProfileFieldMissingError {
  constructor() {
    const why = 'Neither a column nor a line above the header names the meter:'
    super({ field: 'meter', why, example: 'M-1' }, {})
  }
}

/** A column by which a tidy row counts otherwise, and which is not read as one. */
export class WordNotReadError extends ProfileFieldMissingError {
  constructor(file: Column) {
    const why =
      `Column ${file.column} says how a row counts, and no field of this profile reads it. Leave ` +
      'it out, or'
    super(
      { field: 'columns.quality and quality', why, example: `${file.column} and true=void` },
      file,
    )
  }
}

/** A column that nothing reads gives each row a direction, and one of them is what is fed in. */
export class FlowNotReadError extends ProfileFieldMissingError {
  constructor(given: { readonly column: string; readonly word: string }) {
    const { column, word } = given
    const why =
      `Column ${column} says "${word}", which is what is fed in, and its name does not say that ` +
      'it has directions:'
    super({ field: 'columns or sign', why, example: `{ "flow": "${column}", … }` }, given)
  }
}

export class NoUnitError extends ProfileFieldMissingError {
  constructor(file: Column) {
    const why = `Nothing names the unit of column ${file.column}:`
    super({ field: 'unit', why, example: 'kWh' }, file)
  }
}

/** A column of offsets that is not read. */
export class OffsetNotReadError extends ProfileFieldMissingError {
  constructor(file: Column) {
    const why =
      `Column ${file.column} has the offset or the zone of the stamps, and is not read. Write ` +
      'the offset behind each stamp, or'
    super({ field: 'zone', why, example: 'Europe/Paris' }, file)
  }
}

/** The file names a zone by what is not the name of one. */
export class UnknownZoneError extends ProfileFieldMissingError {
  constructor(file: {
    /** With its verb: `line 3 says`. */
    readonly where: string
    readonly text: string
    /** An offset that never changes, where it is one. */
    readonly fixed: string | null
  }) {
    const { where, text, fixed } = file
    const capital = `${where.charAt(0).toUpperCase()}${where.slice(1)}`
    const why = `${capital} ${text}, which is not a zone name:`
    const example =
      fixed === null ? 'Europe/Paris' : `${fixed} where the clock never changes, or Europe/Paris`
    super({ field: 'zone', why, example }, file)
  }
}

/** The power beside each energy is that energy's, by one factor. */
export class PowerContradictedError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
  constructor(given: {
    readonly line: number
    readonly powerW: number
    readonly meanW: number
    readonly durationS: number
  }) {
    const { line, powerW, meanW, durationS } = given
    const [power, mean] = [powerW, meanW].map((each) => Number(each.toPrecision(4)))
    super(
      `In line ${line} the power is ${power} W, the energy is ${mean} W over ${durationS} s, and ` +
        'all rows differ by the same factor: correct the unit or the duration, or leave one out.',
      given,
    )
  }
}
