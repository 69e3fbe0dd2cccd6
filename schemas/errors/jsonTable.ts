import { counted } from './counted.ts'
import { TableError } from './table.ts'

/** JSON that is no list of rows, nor has one within. */
export class JsonShapeError extends TableError {
  constructor(
    file: {
      readonly fault: 'no-json' | 'no-text' | 'too-deep' | 'no-list' | 'no-rows' | 'no-members'
      /**
       * The parser's own words, the encoding, the members that were found, or why the first row has
       * none.
       */
      readonly found: string | null
    },
    cause?: unknown,
  ) {
    super(jsonFaults[file.fault](file.found), file, cause)
  }
}

const jsonFaults = {
  'no-json': (found: string | null) => `The file begins as JSON, but is not: ${found}.`,
  'no-text': (found: string | null) =>
    `The file begins as JSON, but is not: it is not valid ${found}.`,
  'too-deep': () => 'The file begins as JSON, but is nested too deep to be read.',
  'no-list': (found: string | null) =>
    `The JSON object has no list of rows; its members are ${found}. Send an array of objects, or ` +
    'an object a line.',
  'no-rows': () => 'The JSON list is empty: there are no rows to read.',
  'no-members': (found: string | null) =>
    `No row of the JSON has members with a value. The first: ${found ?? 'It has no members.'} ` +
    'Send an array of objects, each with a stamp and a value.',
}

export class JsonListUnclearError extends TableError {
  constructor(file: {
    readonly lists: readonly { readonly path: string; readonly rows: number }[]
  }) {
    const each = file.lists.map(({ path, rows }) => `${path} with ${counted(rows, 'row')}`)
    super(
      `The JSON object has more than one list: ${each.join(' and ')}. Send the one to be read ` +
        'alone, as an array.',
      file,
    )
  }
}
