import { ProfileFault } from './profile.ts'

/** A decimal comma where commas separate cells. */
export class NumbersCutError extends ProfileFault {
  constructor(given: {
    readonly line: number
    readonly column: string
    readonly left: string
    readonly right: string
  }) {
    const { line, column, left, right } = given
    super(
      `Line ${line}: "${left}" and, under ${column}, "${right}" may be one number with a decimal ` +
        'comma: quote such numbers or write another delimiter; if they are two, set decimal to ' +
        '".".',
      given,
    )
  }
}

/** Two columns of a wide file are the series of one meter. */
export class MeterOfTwoColumnsError extends ProfileFault {
  constructor(given: { readonly meter: string; readonly columns: readonly [string, string] }) {
    const { meter, columns } = given
    super(
      `Columns ${columns.join(' and ')} are both of the meter ${meter}: rename one, or leave out ` +
        'what is not its energy.',
      given,
    )
  }
}

/** Rows of two names in a tidy file would be of one meter: the later would restate the other. */
export class MeterOfTwoNamesError extends ProfileFault {
  constructor(given: { readonly meter: string; readonly names: readonly [string, string] }) {
    const { meter, names } = given
    super(
      `Rows of ${names.join(' and of ')} are both of the meter ${meter}: set another meter for ` +
        'one of them in meters.',
      given,
    )
  }
}

/** A name in `meters` that no row has. */
export class NameOfNoMeterError extends ProfileFault {
  constructor(given: { readonly name: string; readonly meter: string }) {
    const { name, meter } = given
    super(
      `No row is of ${name}, which meters has as the name of ${meter}: correct it, or leave it ` +
        'out.',
      given,
    )
  }
}
