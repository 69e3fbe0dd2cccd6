import type { MeterKind } from '../../schemas/meter/kind.ts'
import type { RejectReason } from '../../schemas/reading/reading.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { ingestLimits } from './limits.ts'

/** Why a reading is rejected; the sentence is kept with its dead letter. */
export type Refusal = {
  readonly reason: RejectReason
  readonly detail: string
  /** Of a tidy row what is wrong, where its reason is usually about another member. */
  readonly member?: 'said_at'
}

type Value = { readonly field: string; readonly value: string | number }

/**
 * One sentence a case, made from its data: what is wrong and what to do. Cases of one reason differ
 * in what to do.
 */
const cases = {
  'row-too-long': of(
    'too-large',
    ({ bytes, limit }: { readonly bytes: number; readonly limit: number }) =>
      `The row has ${bytes} bytes; the limit is ${limit}. Split it, or check its line breaks.`,
  ),

  'not-utf-8': of('unparsable', () => 'The row is not valid UTF-8. Save the file as UTF-8.'),
  'open-quote': of(
    'unparsable',
    () =>
      'A quotation mark is not closed at the end of its cell. Close it, or double it within a ' +
      'quoted cell.',
  ),
  'not-json': of(
    'unparsable',
    ({ error }: { readonly error: string }) => `The row is not valid JSON (${error}). Correct it.`,
  ),
  'not-an-object': of(
    'unparsable',
    () => 'The JSON value is not an object. Send each reading as {"meter": …, "start": …}.',
  ),

  'field-missing': of(
    'missing-field',
    ({ field }: { readonly field: string }) =>
      `${field} is missing. A reading has a meter, a start, a duration_s, and an energy_wh or ` +
      'a power_w.',
  ),
  'field-unknown': of(
    'unknown-field',
    ({ field, known }: { readonly field: string; readonly known: readonly string[] }) =>
      `A reading has no field ${quote(field)}. Remove it, or use one of ${known.join(', ')}.`,
  ),
  'cell-without-column': of(
    'unknown-field',
    ({ cell }: { readonly cell: string }) =>
      `The cell ${quote(cell)} has no column. Remove it, or name its column in the header.`,
  ),

  'meter-id': of(
    'bad-meter-id',
    ({ meter }: { readonly meter: string }) =>
      `${quote(meter)} is not a meter id. Use 1 to 64 characters: A-Z, a-z, 0-9, _ . : and -.`,
  ),

  'not-iso-8601': of(
    'bad-timestamp',
    ({ text }: Text) =>
      `${quote(text)} is not an ISO 8601 timestamp. Write it like 2013-02-11T16:30Z.`,
  ),
  'finer-than-ms': of(
    'bad-timestamp',
    ({ text }: Text) => `${quote(text)} is more precise than a millisecond. Round it.`,
  ),
  'not-in-calendar': of(
    'bad-timestamp',
    ({ text }: Text) =>
      `${quote(text)} is not a valid date and time since 1970. Correct the date or the time.`,
  ),
  'offset-too-large': of(
    'bad-timestamp',
    ({ text, hoursMax }: Text & { readonly hoursMax: number }) =>
      `The UTC offset of ${quote(text)} is more than ${hoursMax} hours. Correct it.`,
  ),
  'not-epoch-ms': of(
    'bad-timestamp',
    ({ start }: { readonly start: number }) =>
      `The start ${start} is not a whole number of milliseconds between 1970 and 9999. Correct it.`,
  ),

  'clock-reset': of('bad-timestamp', ({ startMs }: { readonly startMs: EpochMs }) => {
    const first = isoUtc(ingestLimits.startMsMin).slice(0, 10)
    return `${isoUtc(startMs)} is before ${first}, as of a clock that was reset. Set it right.`
  }),

  duration: of('bad-duration', ({ durationS }: { readonly durationS: number }) => {
    const given = Number.isNaN(durationS) ? 'not a number' : durationS
    const { durationSMax } = ingestLimits
    return `duration_s is ${given}. Send a whole number of seconds from 1 to ${durationSMax}.`
  }),

  'not-decimal': of(
    'not-a-number',
    ({ field, value }: Value) =>
      `${field} is ${quote(value)}, which is not a decimal number. Write it like 12.5.`,
  ),
  quality: of(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `quality is ${quote(value)}. Send estimated, substituted or measured, or 0, 1 or 2.`,
  ),
  standing: of(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `standing is ${quote(value)}. Send fill, stated or held, or 0, 1 or 2.`,
  ),
  void: of(
    'not-a-number',
    ({ value }: { readonly value: string | number }) =>
      `void is ${quote(value)}. Send true for an interval without a value, or leave it out.`,
  ),
  'mean-power': of('out-of-range', ({ durationS }: { readonly durationS: number }) => {
    const limit = ingestLimits.powerWMax
    return `The energy of ${durationS} s means more than ${limit} W. Check the unit.`
  }),
  power: of('out-of-range', ({ field, value }: Value) => {
    const limit = ingestLimits.powerWMax
    return `${field} is ${value}; the limit is ${limit}. Check the unit.`
  }),
  revision: of('out-of-range', ({ value }: { readonly value: number }) => {
    const limit = ingestLimits.revisionMax
    return `revision is ${value}. Send a whole number from 0 to ${limit}.`
  }),
  future: of(
    'in-the-future',
    ({ endMs, nowMs }: { readonly endMs: EpochMs; readonly nowMs: EpochMs }) =>
      `The interval ends at ${isoUtc(endMs)}, and it is ${isoUtc(nowMs)}. ` +
      "Check the meter's clock and the UTC offset.",
  ),

  'register-fallen': of(
    'out-of-range',
    () =>
      'The register is lower than the one before. Was the meter exchanged or reset, or did it ' +
      'roll over? Say register.digits or register.reset, or cut the file there.',
  ),
  /** `which`: of line 5, or of an instant. */
  'register-spike': of(
    'out-of-range',
    ({ which }: { readonly which: string }) =>
      `The register ${which}, which is later, is lower. Correct this one if it is a spike; or ` +
      'say register.reset.',
  ),
  'register-size': of(
    'out-of-range',
    ({ value }: { readonly value: bigint }) =>
      `The register shows ${value / 1_000_000n} kWh, more than is kept exactly. Check the unit.`,
  ),
  'register-rule': of(
    'not-a-number',
    () =>
      'register_rule is none. Send {"capacity_mwh": "…", "resets": [{"from_ms": …, "to_ms": …}]}.',
  ),

  'negative-energy': of(
    'negative-energy',
    ({ meter, kind }: { readonly meter: string; readonly kind: MeterKind }) =>
      `It is negative, and ${meter} is of the kind ${kind}, which only counts up. If it also ` +
      `measures what is fed in: \`wattproof meter set ${meter} --kind net\`, then ` +
      '`wattproof dlq retry`.',
  ),
  'said-future': of(
    'in-the-future',
    ({ saidMs, nowMs }: { readonly saidMs: EpochMs; readonly nowMs: EpochMs }) =>
      `It was said at ${isoUtc(saidMs)}, and it is ${isoUtc(nowMs)}. ` +
      "Check the source's clock and the UTC offset.",
  ),

  'said-at-mixed': of(
    'mixed-said-at',
    ({ source, form }: { readonly source: string; readonly form: boolean }) =>
      `${source} ${form ? 'says' : 'does not say'} of its other readings when it said them, and ` +
      `of this one it ${form ? 'does not' : 'does'}: which of them counts would depend on when ` +
      `each arrives. Send it ${form ? 'with said_at' : 'without said_at'}, or as another source.`,
  ),
  withdrawn: of(
    'withdrawn-ingest',
    ({ ingest }: { readonly ingest: string }) =>
      `The ingest ${ingest} was taken back, so that nothing of it counts. Send the reading again.`,
  ),

  'not-enrolled': of(
    'unknown-meter',
    ({ meter }: { readonly meter: string }) =>
      `${meter} is not enrolled. Enrol it (\`wattproof meter set\`, POST /api/v1/meters), then ` +
      '`wattproof dlq retry`, or send it again.',
  ),
  'wrong-interval': of('wrong-interval', (found: OtherInterval) => {
    const { meter, date, durationS, intervalS } = found
    return (
      `It lasts ${durationS} s, and on ${date} the intervals of ${meter} last ${intervalS} s. ` +
      'Correct duration_s, or, if the meter was changed, ' +
      `\`wattproof meter set ${meter} --interval ${durationS} --from ${date}\`, then ` +
      '`wattproof dlq retry`.'
    )
  }),
  /** Where the day is no multiple of the step: its last interval. */
  'odd-interval': of('wrong-interval', (found: OtherInterval) => {
    const { meter, date, durationS, intervalS } = found
    return (
      `It lasts ${durationS} s. The last interval of ${meter} on ${date} has ${intervalS} s, up ` +
      'to the first one of the next day. Send it as long as that.'
    )
  }),
  overlap: of('overlap', (found: Overlapped) => {
    const { meter, date, startMs, intervalS, intervals, gridOffsetS } = found
    const [first, second] = intervals.map((ms) => isoUtc(ms).replace(/(:00)?\.000Z$/, 'Z'))
    return (
      `${isoUtc(startMs)} starts within an interval of ${meter}: it overlaps those of ${first} ` +
      `and ${second}. Correct it, or the zone of the meter, or ` +
      `\`wattproof meter set ${meter} --interval ${intervalS} --grid-offset ${gridOffsetS} ` +
      `--from ${date}\`.`
    )
  }),
}

type OtherInterval = {
  readonly meter: string
  /** Local date of the reading. */
  readonly date: string
  readonly durationS: number
  /** The length that it should have. */
  readonly intervalS: number
}

type Overlapped = {
  readonly meter: string
  readonly date: string
  readonly startMs: EpochMs
  readonly intervalS: number
  /** Starts of the two that it overlaps. */
  readonly intervals: readonly [EpochMs, EpochMs]
  /** With which it would not. */
  readonly gridOffsetS: number
}

type Text = { readonly text: string }
type Cases = typeof cases
type DataOf<Case extends keyof Cases> = Parameters<Cases[Case]['sentence']>

/** A refusal from its data; a case without any takes none. */
export function refuse<Case extends keyof Cases>(which: Case, ...data: DataOf<Case>): Refusal {
  const { reason, sentence } = cases[which]
  return { reason, detail: cut((sentence as (...data: DataOf<Case>) => string)(...data)) }
}

function of<Data extends readonly unknown[]>(
  reason: RejectReason,
  sentence: (...data: Data) => string,
) {
  return { reason, sentence }
}

/** What was sent, short enough to leave room for what to do about it. */
function quote(value: string | number): string {
  const text = String(value)
  return `"${text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax - 1)}…` : text}"`
}

const quotedCharsMax = 80

function cut(text: string): string {
  const { detailCharsMax } = ingestLimits
  return text.length > detailCharsMax ? `${text.slice(0, detailCharsMax - 1)}…` : text
}
