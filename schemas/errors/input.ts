import { InvalidArgumentError } from './wattproofError.ts'

/** A body or file of readings that cannot be read as a whole; rows are rejected one by one. */
abstract class InputError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

export class ReadingsQueryError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(
      'The query takes file, source, ingest, restate and the fields of a profile (profile, ' +
        `layout, unit, step, zone, columns.start …), each once; not ${given.name}.`,
      given,
    )
  }
}

/** Names, as a meter's id is one. */
export class SaidByError extends InvalidArgumentError {
  constructor(given: { readonly name: 'source' | 'ingest' }) {
    super(`${given.name} takes 1 to 64 characters: A-Z, a-z, 0-9, _ . : and -.`, given)
  }
}

export class LayoutError extends InvalidArgumentError {
  constructor(given: { readonly layout: string }) {
    super(`layout is tidy, wide or days, not ${given.layout}.`, given)
  }
}

/** The first line of a file is not a header that names its columns. */
export class NoHeaderError extends InputError {
  constructor() {
    super('The first line of a tidy file must name its columns.')
  }
}

export class UnknownColumnError extends InputError {
  constructor(header: { readonly column: string }) {
    super(
      `"${header.column}" is not a column of a tidy file. Set layout=wide for a wide one, ` +
        'profile= for an export such as NEM12, or columns.start= and so on for columns of ' +
        'other names.',
      header,
    )
  }
}

/** A member of a reading that a tidy CSV of registers cannot have. */
export class RegisterColumnError extends InputError {
  constructor(header: { readonly column: string }) {
    const what = `"${header.column}" cannot be beside register_wh in a tidy CSV. `
    super(what + (registerColumnAdvice[header.column] ?? asJson), header)
  }
}

const asJson = 'Send these rows as JSON or NDJSON, where it may be beside register_wh.'
const registerColumnAdvice: Readonly<Record<string, string>> = {
  duration_s:
    'A register is of an instant: leave the column out, or send the registers as JSON, which ' +
    'may say the interval that each ends.',
  energy_wh: 'Send energies and registers as two files.',
  void:
    'An interval is void, and no register: send void intervals as a file of their own, with ' +
    'meter, start, duration_s, energy_wh and void.',
}

export class ColumnNamedTwiceError extends InputError {
  constructor() {
    super('A column is named twice; give each its own name.')
  }
}

export class MissingColumnError extends InputError {
  constructor(header: { readonly columns: readonly string[] }) {
    super(`A tidy file needs a column named ${header.columns.join(' or ')}.`, header)
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
  constructor(deadLetter: { readonly source: string }, cause?: unknown) {
    const { source } = deadLetter
    super(
      `${source} carries no information on how to parse it; send the rows again.`,
      deadLetter,
      cause,
    )
  }
}
