import { counted } from '../../schemas/errors/counted.ts'
import { because, quote } from './refusalCase.ts'

type Cells = { readonly cells: number; readonly names: number }
type Column = { readonly column: string }

/** Why a row of a file has no cells to read, by the format of the file. */
export const tableRefusals = {
  // CSV, and rows of a workbook.
  'row-encoding': because(
    'unparsable',
    ({ encoding }: { readonly encoding: string }) =>
      `The line is not valid ${encoding}. Save the file in that encoding, or set --encoding to ` +
      'the one it has.',
  ),
  'nul-byte': because(
    'unparsable',
    () =>
      'The line has a NUL byte: the file was damaged when it was written or copied. Copy it again.',
  ),
  'unquoted-delimiter': because(
    'unparsable',
    ({ delimiter, ...row }: Cells & { readonly delimiter: string }) =>
      `${cellsUnder(row)}. Quote a cell that contains a ${delimiter}.`,
  ),
  'row-length': because('unparsable', (row: Cells) => `${cellsUnder(row)}. Is the row cut?`),
  'formula-without-value': because(
    'unparsable',
    ({ cell }: { readonly cell: string }) =>
      `${cell} is a formula without a stored value. Open the workbook and save it again.`,
  ),
  'cell-value': because(
    'unparsable',
    ({ cell, text }: { readonly cell: string; readonly text: string }) =>
      `${cell} is ${quote(text)}, which is not a value. Correct the cell.`,
  ),

  // JSON.
  'row-not-an-object': because(
    'unparsable',
    () => 'The row is not a JSON object. Send each row as {"start": …, "value": …}.',
  ),
  'nested-too-deep': because(
    'unparsable',
    ({ column }: Column) => `${column} is nested too deep. Send the row with fewer levels.`,
  ),
  'list-in-a-row': because(
    'unparsable',
    ({ column }: Column) => `${column} is a list, and a row has one value a name. Send a row each.`,
  ),
  'too-many-digits': because(
    'unparsable',
    ({ column }: Column) =>
      `${column} has more digits than a JSON number can keep. Send it as text.`,
  ),

  // Green Button.
  'no-reading-type': because(
    'missing-field',
    () => 'Its ReadingType, which names the unit, is not in the file. Export both together.',
  ),
  'espi-start': because(
    'bad-timestamp',
    ({ text }: { readonly text: string }) =>
      `start is ${quote(text)}, which is not a whole number of seconds. Correct it.`,
  ),
  'espi-power-of-ten': because(
    'not-a-number',
    ({ text }: { readonly text: string }) =>
      `powerOfTenMultiplier is ${quote(text)}, which is not a whole number. Correct it.`,
  ),
  'espi-value': because(
    'not-a-number',
    ({ text }: { readonly text: string }) =>
      `value is ${quote(text)}, which is not a number. Correct it.`,
  ),

  // NEM12.
  'nem12-type': because(
    'unparsable',
    ({ type }: { readonly type: string }) => `${quote(type)} is not a record of NEM12. Remove it.`,
  ),
  'nem12-channel': because(
    'unparsable',
    () =>
      'A record 200 has an NMI, a channel, a unit and an interval length of 5, 15 or 30 minutes. ' +
      'Without them the days below it cannot be read. Correct it.',
  ),
  'nem12-no-channel': because(
    'unparsable',
    () => 'The record 200 above it, which names its meter, is missing or wrong. Correct that one.',
  ),
  'nem12-date': because(
    'unparsable',
    ({ text }: { readonly text: string }) =>
      `${quote(text)} is not a date such as 20240131. Correct it.`,
  ),
  'nem12-day': because(
    'unparsable',
    ({ lengthMin, count }: { readonly lengthMin: number; readonly count: number }) =>
      `A day of ${lengthMin} min intervals has ${count} values and then its quality. Correct it.`,
  ),
  'nem12-quality': because(
    'unparsable',
    () => 'A record 400 has a first and a last interval, and follows a record 300. Correct it.',
  ),
}

function cellsUnder({ cells, names }: Cells): string {
  return `${counted(cells, 'cell')} under ${counted(names, 'name')}`
}
