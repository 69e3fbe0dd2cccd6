import { clauseOf, InvalidArgumentError } from './wattproofError.ts'

/** A file or a profile that cannot be read as a whole; cells are refused one by one. */
export abstract class ProfileFault extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

/** What is wrong with a field of a profile. */
export type FieldFault =
  | { readonly fault: 'unknown' }
  | { readonly fault: 'no-choice'; readonly said: unknown; readonly known: readonly unknown[] }
  | { readonly fault: 'no-step'; readonly text: string; readonly secondsMax: number }
  | { readonly fault: 'no-pair'; readonly text: string; readonly flag: PairFlag }
  | { readonly fault: 'no-span'; readonly text: string }
  /** `end` of registers, where nothing says how long after its stamp that is. */
  | { readonly fault: 'needs-step' }
  /** What the schema says of it. */
  | { readonly fault: 'other'; readonly issue: string }

export type PairFlag = keyof typeof pairForms

/** What a pair of a flag looks like. */
const pairForms = {
  columns: 'ROLE=NAME, such as start=Horodate',
  flow: 'WORD=import or WORD=export',
  quality: 'WORD=QUALITY, such as E=estimated',
  meters: 'NAME=METER, such as Main Panel=M1',
} as const

export class ProfileShapeError extends ProfileFault {
  constructor(given: { readonly field: string } & FieldFault) {
    super(`The profile's ${given.field}: ${clauseOfFault(given)}.`, given)
  }
}

function clauseOfFault(field: FieldFault): string {
  switch (field.fault) {
    case 'unknown':
      return 'there is no such field'
    case 'no-choice':
      return `${JSON.stringify(field.said)} is none of ${quoted(field.known)}`
    case 'no-step':
      return `"${field.text}" is not a whole number of seconds from 1 to ${field.secondsMax}`
    case 'no-pair':
      return `"${field.text}" is not ${pairForms[field.flag]}`
    case 'no-span':
      return `"${field.text}" is not FROM/TO, such as 2024-03-05T10:00Z/2024-03-05T11:00Z`
    case 'needs-step':
      return '"end" needs step, such as 3600'
    case 'other':
      return clauseOf(field.issue)
  }
}

/** Values in a list; blank ones and signs are quoted. */
function quoted(values: readonly unknown[]): string {
  return values.map((each) => (/^\w/.test(String(each)) ? each : JSON.stringify(each))).join(', ')
}

export class NoSuchProfileError extends ProfileFault {
  constructor(given: { readonly name: string; readonly known: readonly string[] }) {
    super(
      `No profile is called ${given.name}; there are ${given.known.join(', ')}, or name a file ` +
        'that ends in .json.',
      given,
    )
  }
}

/** Two answers that are equally likely. */
export class TwoAnswersError extends ProfileFault {
  constructor(given: {
    readonly field: string
    readonly left: string
    readonly right: string
    readonly example: string
  }) {
    const { field, left, right, example } = given
    super(`${example} can be read as ${left} or as ${right}: set ${field}.`, given)
  }
}

/** The rows have more cells than any line above them has names. */
export class NoNamesError extends ProfileFault {
  constructor(table: { readonly columns: number }) {
    super(
      `No line names the ${table.columns} columns that the rows have, so their series have no ` +
        'meter: give each its name in a line above them. If a comma is a decimal sign, quote ' +
        'such numbers, or write another delimiter; of a single series, set meter.',
      table,
    )
  }
}

/** What was said contradicts the file. */
export class ContradictionError extends ProfileFault {
  constructor(given: {
    readonly field: string
    readonly said: string
    readonly found: string
    readonly where: string
  }) {
    const { field, said, found, where } = given
    super(
      `The ${field} is set to ${said}, and ${where} ${found}. Correct it, or leave it out.`,
      given,
    )
  }
}

/** A line of units below the header has several. */
export class UnitsDifferError extends ProfileFault {
  constructor(given: { readonly line: number; readonly units: readonly string[] }) {
    super(
      `Line ${given.line} names ${given.units.join(' and ')}: put the columns of each unit in a ` +
        'file of their own.',
      given,
    )
  }
}

export class ColumnNotThereError extends ProfileFault {
  constructor(given: {
    readonly role: string
    readonly names: readonly string[]
    readonly header: readonly string[]
  }) {
    const { role, names, header } = given
    super(
      `The column for ${role}, ${names.join(' or ')}, is not in the header: ` +
        `${header.join(' | ')}.`,
      given,
    )
  }
}

/** A column beside those of a day, whose name has a time in it and is none. */
export class NoTimeOfDayError extends ProfileFault {
  constructor(given: { readonly column: string }) {
    super(
      `Column ${given.column} is not a time of the day, and its values would be lost: name it by ` +
        'its time, or, where it is the repeated hour, give the stamps an offset in a row each.',
      given,
    )
  }
}

/** Most rows of a series have the stamp of another row: part of the stamp is not read. */
export class StampsRepeatedError extends ProfileFault {
  constructor(given: {
    readonly meter: string
    readonly lines: readonly number[]
    /** That is not read, and tells them apart. */
    readonly column: string | null
  }) {
    const { meter, lines, column } = given
    const advice =
      column === null
        ? 'does a column that is not read have the hour, the period, the meter, or am and pm? ' +
          'Set columns, or give each row its whole stamp.'
        : `the column ${column} tells them apart, and no meter by it. Set columns with what it ` +
          'is, such as flow, channel, meter or startTime, or add up what belongs together.'
    super(
      `Lines ${lines.slice(0, 2).join(' and ')} have one stamp and other values, and so have ` +
        `most rows of ${meter}: ${advice}`,
      given,
    )
  }
}

/** Stamps to the second that a machine was late with. */
export class StampsUnevenError extends ProfileFault {
  constructor(given: { readonly apartS: number; readonly stepS: number }) {
    const { apartS, stepS } = given
    super(
      `The stamps are ${apartS} s apart, which does not divide a day, and the step is set to ` +
        `${stepS} s: round the stamps to its grid, or give each row its end or duration.`,
      given,
    )
  }
}

/** Midnight ends its day, and has the date of that day. */
export class MidnightOfOldDateError extends ProfileFault {
  constructor(given: { readonly line: number; readonly stamp: string }) {
    const { line, stamp } = given
    super(
      `Line ${line}: "${stamp}" follows the last hour of its own date, and so does each 00:00 of ` +
        'its series: it seems to be the end of that day. Write 24:00, or the date of the next day.',
      given,
    )
  }
}

/** A column of a wide file whose values are of a longer interval than its rows. */
export class ColumnOfOtherStepError extends ProfileFault {
  constructor(given: {
    readonly column: string
    readonly stepS: number
    readonly rowsS: number
  }) {
    const { column, stepS, rowsS } = given
    super(
      `Column ${column} has a value every ${stepS} s, and the rows are ${rowsS} s apart: give it ` +
        'a file of its own.',
      given,
    )
  }
}

/** A column of the file is named twice. */
export class HeaderNamedTwiceError extends ProfileFault {
  constructor(given: { readonly column: string }) {
    super(`The header names "${given.column}" twice; give each column its own name.`, given)
  }
}

/** An abbreviation is the name of several zones, or of half of one. */
export class ZoneNameError extends ProfileFault {
  constructor(given: {
    readonly zone: string
    readonly suggestion: string | null
    /** The name of an offset that never changes. */
    readonly fixed: string | null
  }) {
    const { zone, suggestion, fixed } = given
    const other = fixed === null ? '' : ` Where they never change, it is ${fixed}.`
    super(
      `${zone} is not a zone by itself: use an IANA name with a place such as ` +
        `${suggestion ?? 'Europe/London'}, which knows when the clocks change.${other}`,
      given,
    )
  }
}

/** Stamps without an offset, no zone said, and meters that are enrolled in several. */
export class ZonesDifferError extends ProfileFault {
  constructor(given: { readonly zones: Readonly<Record<string, string>> }) {
    const zones = Object.entries(given.zones)
    const each = zones.map(([zone, meter]) => `${zone} (${meter})`).join(', ')
    super(
      `Stamps without an offset may be of ${each}, where meters of this file are enrolled: set ` +
        'zone, give the stamps an offset, or give the meters of each zone a file of their own.',
      given,
    )
  }
}

export class DateFormatError extends ProfileFault {
  constructor(given: { readonly dateFormat: string; readonly example: string }) {
    super(
      `No stamp of the file fits the dateFormat ${given.dateFormat}; the first is ` +
        `"${given.example}".`,
      given,
    )
  }
}

/** An abbreviation does not say when the clocks change, and some are said of several zones. */
export class ZoneAbbreviationError extends ProfileFault {
  constructor(given: {
    readonly example: string
    readonly abbreviation: string
    readonly zone: string
  }) {
    const { example, abbreviation, zone } = given
    super(
      `"${example}" has ${abbreviation}, which no clock of the zone ${zone} shows then: set the ` +
        'zone that is meant, such as --zone America/New_York.',
      given,
    )
  }
}

/** No pattern reads the stamps. */
export class NoDateFormatError extends ProfileFault {
  constructor(given: { readonly column: string; readonly example: string }) {
    super(
      `"${given.example}" in column ${given.column} is not a known stamp: set dateFormat, ` +
        'such as dd/MM/yyyy HH:mm, or columns.',
      given,
    )
  }
}
