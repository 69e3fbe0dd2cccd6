import { counted } from '../../schemas/errors/counted.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { because, quote } from './refusalCase.ts'

type Word = { readonly word: string }
/** Wall-clock time of a zone, as milliseconds of a clock without one. */
type OnClock = { readonly wallMs: EpochMs; readonly zone: string }

/** Why a cell of a file is no reading, however its profile reads it. */
export const profileRefusals = {
  // A row.
  'other-section': because(
    'unparsable',
    ({ title }: { readonly title: string }) =>
      `The rows below are of ${quote(title)}. Move them to a file of their own.`,
  ),
  'other-columns': because(
    'unparsable',
    () => 'Columns have other names from here on. Move the rows below to a file of their own.',
  ),
  'other-meter': because(
    'unparsable',
    ({ meter }: { readonly meter: string }) =>
      `From here on rows are of the meter ${quote(meter)}. Move those of each meter to a file of ` +
      'its own.',
  ),
  'meter-named': because(
    'unparsable',
    () =>
      'This line names a meter, and the rows above it have one. Move those of each meter to a ' +
      'file of its own.',
  ),
  'too-many-cells': because(
    'unparsable',
    ({ cells, names }: { readonly cells: number; readonly names: number }) =>
      `${counted(cells, 'cell')} under ${counted(names, 'name')}. A comma within a number? Quote ` +
      'it, or set delimiter and decimal.',
  ),
  'unnamed-number': because(
    'unparsable',
    () =>
      'A number right of a value, in a column without a name. A comma within a number? Quote it, ' +
      'or write another delimiter; or give the column a name.',
  ),

  // A stamp.
  'no-stamp': because('bad-timestamp', () => 'The row has no stamp. Give it one.'),
  'stamp-pattern': because(
    'bad-timestamp',
    ({ text, pattern }: { readonly text: string; readonly pattern: string }) =>
      `${quote(text)} is not a stamp of the pattern ${pattern}. Correct it, or set dateFormat.`,
  ),
  'hour-skipped': because(
    'bad-timestamp',
    ({ wallMs, zone }: OnClock) =>
      `${wallText(wallMs)} is not on the clock of ${zone}, which skips this hour. Correct the ` +
      'stamp, or set zone to the one it is in.',
  ),
  'hour-repeated': because(
    'bad-timestamp',
    ({ wallMs, zone, isOrderTried }: OnClock & { readonly isOrderTried: boolean }) => {
      const why = isOrderTried ? ', and the order of the rows does not show which it is' : ''
      return (
        `${wallText(wallMs)} is twice on the clock of ${zone}${why}. Give the stamp an offset, ` +
        'or set repeatedHour to first.'
      )
    },
  ),
  'said-at-stamp': because(
    'bad-timestamp',
    ({ text }: { readonly text: string }) =>
      `${quote(text)} is not a stamp of when it was said. Write it like the other stamps.`,
  ),

  // The length of its interval.
  'row-without-length': because(
    'bad-duration',
    ({ text }: { readonly text: string }) =>
      `${quote(text)} gives the row no length. Correct its end or duration.`,
  ),
  'row-beyond-next': because(
    'bad-duration',
    ({ durationS, nextS }: { readonly durationS: number; readonly nextS: number }) =>
      `The row is ${durationS} s long, and the next one begins after ${nextS} s. Correct its ` +
      'length or stamp.',
  ),
  'one-stamp': because(
    'bad-duration',
    () => 'One stamp does not show how long its interval is. Set step, such as 1800.',
  ),
  'uneven-stamps': because(
    'bad-duration',
    ({ apartS }: { readonly apartS: number }) =>
      `The stamps are ${apartS} s apart, which does not divide a day. Set step, such as 1800, or ` +
      'give each row its end or duration.',
  ),
  'step-set': because(
    'bad-duration',
    ({ setS, foundS }: { readonly setS: number; readonly foundS: number }) =>
      `The step is set to ${setS} s, and the stamps are ${foundS} s apart. Correct it, or leave ` +
      'it out.',
  ),
  'step-of-row': because(
    'bad-duration',
    ({ rowS, seriesS }: { readonly rowS: number; readonly seriesS: number }) =>
      `The interval of this stamp is ${rowS} s long, and the step of its series ${seriesS} s. ` +
      'Move rows of another step to a file of their own, or give each row its end or duration.',
  ),

  // A cell.
  'meter-of-cell': because(
    'bad-meter-id',
    ({ meter }: { readonly meter: string }) =>
      `${quote(meter)} is not a meter id (1 to 64 characters: A-Z, a-z, 0-9, _ . : and -). ` +
      'Set meters, such as Main Panel=main-panel, or rename it.',
  ),
  'unknown-flow': because(
    'unparsable',
    ({ word }: Word) =>
      `The flow ${quote(word)} is not known. Add it to flow, as import or export.`,
  ),
  'unknown-quality': because(
    'unparsable',
    ({ word }: Word) =>
      `The quality ${quote(word)} is not in the profile. Add it to quality, such as ` +
      `${word.slice(0, 20)}=measured.`,
  ),
  'said-absent': because(
    'unparsable',
    ({ word }: Word) =>
      `The row says that its value is ${quote(word)}. Leave the value empty, or set ` +
      'quality to what the words of that column mean, and, where columns are set, ' +
      'columns.quality to it.',
  ),
  'unknown-unit': because(
    'unparsable',
    ({ word }: Word) => `${quote(word)} is not a unit such as kWh or kW. Correct it, or set unit.`,
  ),
  'register-not-energy': because(
    'unparsable',
    () => 'This is a register, not the energy of an interval. Set quantity to register.',
  ),
  'cell-not-a-number': because(
    'not-a-number',
    (cell: { readonly text: string; readonly decimal: string; readonly thousands: string }) => {
      const groups = cell.thousands === '' ? '' : ` and thousands "${cell.thousands}"`
      return (
        `${quote(cell.text)} is not a number with the decimal sign "${cell.decimal}"${groups}. ` +
        'Correct it, or set decimal.'
      )
    },
  ),
  'word-in-series': because(
    'not-a-number',
    ({ word, column }: Word & { readonly column: string }) =>
      `${quote(word)} is not a number. Correct it, set missing, or, if the column ` +
      `${quote(column)} has no values, leave it out or call it remarks.`,
  ),
  'word-for-nothing': because(
    'not-a-number',
    ({ word }: Word) =>
      `${quote(word)} is what programs write where they have no value. Set missing, to this word ` +
      'or, where it is meant, to another.',
  ),
  'negative-export': because('out-of-range', ({ isSeries }: { readonly isSeries: boolean }) => {
    const set = isSeries ? 'sign to import' : 'the role of the column to value instead of export'
    return `What is fed in is negative already. Set ${set}.`
  }),
}

function wallText(wallMs: EpochMs): string {
  return isoUtc(wallMs).slice(0, 16).replace('T', ' ')
}
