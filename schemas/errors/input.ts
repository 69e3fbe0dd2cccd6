import { InvalidArgumentError } from './wattproofError.ts'

/** A body or file of readings that cannot be read as a whole; rows are rejected one by one. */
abstract class InputError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

export class ReadingsQueryError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(`The query takes layout, unit, step and zone, each once; not ${given.name}.`, given)
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
    super(`The first line of a ${file.layout} file must name its ${names}.`, file)
  }
}

export class UnknownColumnError extends InputError {
  constructor(header: { readonly column: string }) {
    super(
      `"${header.column}" is not a column of a tidy file; of a wide one, say layout=wide.`,
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
    super(`A tidy file needs a column named ${header.columns.join(' or ')}.`, header)
  }
}

export class NoSeriesError extends InputError {
  constructor() {
    super('A wide file needs a column of stamps and at least one series.')
  }
}

export class LineTooLongError extends InputError {
  constructor(line: { readonly bytesMax: number }) {
    super(`A line is longer than ${line.bytesMax} bytes. Is it the right file?`, line)
  }
}

export class JsonArrayError extends InputError {
  constructor(body: { readonly fault: 'no-array' | 'no-end' | 'more-after-end' }) {
    super(jsonArrayFaults[body.fault], body)
  }
}

const jsonArrayFaults = {
  'no-array': 'The body must be a JSON array of readings.',
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
    super('This line of a wide file has no readable stamp; correct it and send it again.')
  }
}
