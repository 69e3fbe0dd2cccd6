import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { ingestLimits } from './limits.ts'
import { because, quote } from './refusalCase.ts'

type Text = { readonly text: string }
type Value = { readonly field: string; readonly value: string | number }

/** Why a row, a member of it, or what it says of an interval cannot be read. */
export const readingRefusals = {
  'row-too-long': because(
    'too-large',
    ({ bytes, limit }: { readonly bytes: number; readonly limit: number }) =>
      `The row has ${bytes} bytes; the limit is ${limit}. Split it, or check its line breaks.`,
  ),
  'not-utf-8': because('unparsable', () => 'The row is not valid UTF-8. Save the file as UTF-8.'),
  'open-quote': because(
    'unparsable',
    () =>
      'A quotation mark is not closed at the end of its cell. Close it, or double it within a ' +
      'quoted cell.',
  ),
  'not-json': because(
    'unparsable',
    ({ error }: { readonly error: string }) => `The row is not valid JSON (${error}). Correct it.`,
  ),
  'not-an-object': because(
    'unparsable',
    () => 'The JSON value is not an object. Send each reading as {"meter": …, "start": …}.',
  ),
  'field-missing': because(
    'missing-field',
    ({ field }: { readonly field: string }) =>
      `${field} is missing. A reading has a meter, a start, a duration_s, and an energy_wh or ` +
      'a power_w.',
  ),
  'field-unknown': because(
    'unknown-field',
    ({ field, known }: { readonly field: string; readonly known: readonly string[] }) =>
      `A reading has no field ${quote(field)}. Remove it, or use one of ${known.join(', ')}.`,
  ),
  'cell-without-column': because(
    'unknown-field',
    ({ cell }: { readonly cell: string }) =>
      `The cell ${quote(cell)} has no column. Remove it, or name its column in the header.`,
  ),
  'meter-id': because(
    'bad-meter-id',
    ({ meter }: { readonly meter: string }) =>
      `${quote(meter)} is not a meter id. Use 1 to 64 characters: A-Z, a-z, 0-9, _ . : and -.`,
  ),
  'not-iso-8601': because(
    'bad-timestamp',
    ({ text }: Text) =>
      `${quote(text)} is not an ISO 8601 timestamp. Write it like 2013-02-11T16:30Z.`,
  ),
  'finer-than-ms': because(
    'bad-timestamp',
    ({ text }: Text) => `${quote(text)} is more precise than a millisecond. Round it.`,
  ),
  'not-in-calendar': because(
    'bad-timestamp',
    ({ text }: Text) =>
      `${quote(text)} is not a valid date and time since 1970. Correct the date or the time.`,
  ),
  'offset-too-large': because(
    'bad-timestamp',
    ({ text, hoursMax }: Text & { readonly hoursMax: number }) =>
      `The UTC offset of ${quote(text)} is more than ${hoursMax} hours. Correct it.`,
  ),
  'not-epoch-ms': because(
    'bad-timestamp',
    ({ start }: { readonly start: number }) =>
      `The start ${start} is not a whole number of milliseconds between 1970 and 9999. Correct it.`,
  ),
  'clock-reset': because('bad-timestamp', ({ startMs }: { readonly startMs: EpochMs }) => {
    const first = isoUtc(ingestLimits.startMsMin).slice(0, 10)
    return `${isoUtc(startMs)} is before ${first}: the clock was reset. Set it right.`
  }),
  duration: because('bad-duration', ({ durationS }: { readonly durationS: number }) => {
    const given = Number.isNaN(durationS) ? 'not a number' : durationS
    const { durationSMax } = ingestLimits
    return `duration_s is ${given}. Send a whole number of seconds from 1 to ${durationSMax}.`
  }),
  'not-decimal': because(
    'not-a-number',
    ({ field, value }: Value) =>
      `${field} is ${quote(value)}, which is not a decimal number. Write it like 12.5.`,
  ),
  quality: because(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `quality is ${quote(value)}. Send estimated, substituted or measured, or 0, 1 or 2.`,
  ),
  standing: because(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `standing is ${quote(value)}. Send fill, stated or held, or 0, 1 or 2.`,
  ),
  void: because(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `void is ${quote(value)}. Send true for an interval without a value, or leave it out.`,
  ),
  'mean-power': because('out-of-range', ({ durationS }: { readonly durationS: number }) => {
    const limit = ingestLimits.powerWMax
    return (
      `The energy of ${durationS} s means more than ${limit} W. Check the unit; of a register ` +
      'that counts up, set quantity register.'
    )
  }),
  power: because('out-of-range', ({ field, value }: Value) => {
    const limit = ingestLimits.powerWMax
    return `${field} is ${value}; the limit is ${limit}. Check the unit.`
  }),
  revision: because('out-of-range', ({ value }: { readonly value: number }) => {
    const limit = ingestLimits.revisionMax
    return `revision is ${value}. Send a whole number from 0 to ${limit}.`
  }),
  future: because(
    'in-the-future',
    ({ endMs, nowMs }: { readonly endMs: EpochMs; readonly nowMs: EpochMs }) =>
      `The interval ends at ${isoUtc(endMs)}, and it is ${isoUtc(nowMs)}. ` +
      "Check the meter's clock and the UTC offset.",
  ),
  'said-future': because(
    'in-the-future',
    ({ saidMs, nowMs }: { readonly saidMs: EpochMs; readonly nowMs: EpochMs }) =>
      `It was said at ${isoUtc(saidMs)}, and it is ${isoUtc(nowMs)}. ` +
      "Check the source's clock and the UTC offset.",
  ),
}
