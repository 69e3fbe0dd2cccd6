import { InvalidArgumentError } from './wattproofError.ts'

/** A body or file of readings that cannot be read as a whole; rows are rejected one by one. */
abstract class InputError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

export class ReadingsQueryError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(`The query takes layout, unit, step and zone once, not ${given.name}.`, given)
  }
}

export class LayoutError extends InvalidArgumentError {
  constructor(given: { readonly layout: string }) {
    super(`layout is tidy or wide, not ${given.layout}.`, given)
  }
}

export class WideStepError extends InvalidArgumentError {
  constructor(given: { readonly step: string | undefined; readonly stepSMax: number }) {
    const wanted = `a whole number of seconds from 1 to ${given.stepSMax}`
    super(`A wide file needs step, ${wanted}.`, given)
  }
}

export class UnitError extends InvalidArgumentError {
  constructor(given: { readonly unit: string; readonly units: readonly string[] }) {
    super(`unit is one of ${given.units.join(', ')}, not ${given.unit}.`, given)
  }
}

/** The first line of a file is not a header that names its columns. */
export class NoHeaderError extends InputError {
  constructor(file: { readonly layout: 'tidy' | 'wide' }) {
    const names = file.layout === 'tidy' ? 'columns' : 'series'
    super(`The first line of a ${file.layout} file names its ${names}.`, file)
  }
}

export class UnknownColumnError extends InputError {
  constructor(header: { readonly column: string }) {
    super(
      `"${header.column}" is no column of a tidy file. Is it a wide one? Then say layout=wide.`,
      header,
    )
  }
}

export class ColumnNamedTwiceError extends InputError {
  constructor(header: { readonly what: 'column' | 'series' }) {
    super(`A ${header.what} is named twice; give each its own name.`, header)
  }
}

export class MissingColumnError extends InputError {
  constructor(header: { readonly columns: readonly string[] }) {
    super(`A tidy file has a column named ${header.columns.join(' or ')}.`, header)
  }
}

export class NoSeriesError extends InputError {
  constructor() {
    super('A wide file has a stamp and at least one series.')
  }
}

export class LineTooLongError extends InputError {
  constructor(line: { readonly bytesMax: number }) {
    super(`A line is longer than ${line.bytesMax} bytes.`, line)
  }
}

export class JsonArrayError extends InputError {
  constructor(body: { readonly fault: 'no-array' | 'no-end' | 'more-after-end' }) {
    super(jsonArrayFaults[body.fault], body)
  }
}

const jsonArrayFaults = {
  'no-array': 'The body is no JSON array of readings.',
  'no-end': 'The JSON array does not end.',
  'more-after-end': 'Something follows the end of the JSON array.',
}

/** A dead letter that cannot be parsed from its bytes alone. */
export class DeadLetterSourceError extends InputError {
  constructor(deadLetter: { readonly source: string }) {
    super(`${deadLetter.source} does not say how its bytes are read; send them again.`, deadLetter)
  }
}

export class DeadLetterStampError extends InputError {
  constructor() {
    super('A wide line without a readable stamp is sent again whole.')
  }
}
