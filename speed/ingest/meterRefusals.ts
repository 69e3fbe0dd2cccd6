import type { MeterKind } from '../../schemas/meter/kind.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { because } from './refusalCase.ts'

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
  /** The grid offset with which it would overlap neither. */
  readonly gridOffsetS: number
}

/** Why a reading is not one of its meter, its source or its ingest. */
export const meterRefusals = {
  'not-enrolled': because(
    'unknown-meter',
    ({ meter }: { readonly meter: string }) =>
      `${meter} is not enrolled. Enrol it (\`wattproof meter set\`, POST /api/v1/meters), then ` +
      '`wattproof dlq retry`, or send it again.',
  ),
  'wrong-interval': because('wrong-interval', (found: OtherInterval) => {
    const { meter, date, durationS, intervalS } = found
    return (
      `It lasts ${durationS} s, and on ${date} the intervals of ${meter} last ${intervalS} s. ` +
      'Correct duration_s, or, if the meter was changed, ' +
      `\`wattproof meter set ${meter} --interval ${durationS} --from ${date}\`, then ` +
      '`wattproof dlq retry`.'
    )
  }),
  /** Where the day is no multiple of the step: its last interval. */
  'odd-interval': because('wrong-interval', (found: OtherInterval) => {
    const { meter, date, durationS, intervalS } = found
    return (
      `It lasts ${durationS} s. The last interval of ${meter} on ${date} has ${intervalS} s, up ` +
      'to the first one of the next day. Send it as long as that.'
    )
  }),
  overlap: because('overlap', (found: Overlapped) => {
    const { meter, date, startMs, intervalS, intervals, gridOffsetS } = found
    const [first, second] = intervals.map((ms) => isoUtc(ms).replace(/(:00)?\.000Z$/, 'Z'))
    return (
      `${isoUtc(startMs)} starts within an interval of ${meter}: it overlaps those of ${first} ` +
      `and ${second}. Correct it, or the zone of the meter, or ` +
      `\`wattproof meter set ${meter} --interval ${intervalS} --grid-offset ${gridOffsetS} ` +
      `--from ${date}\`.`
    )
  }),
  'negative-energy': because(
    'negative-energy',
    ({ meter, kind }: { readonly meter: string; readonly kind: MeterKind }) =>
      kind === 'export'
        ? `The energy is negative, and ${meter} is of the kind export, which counts up what is ` +
          'fed in. Send it without the sign: a file whose rows say which way (NEM12, ESPI, a ' +
          'column of directions) with `--flow export=import`, another one without `--sign ' +
          'export`. If nothing else measures what its site takes from the grid: ' +
          `\`wattproof meter set ${meter} --kind net\`, then \`wattproof dlq retry\`.`
        : `The energy is negative, and ${meter} is of the kind ${kind}, which only counts up. If ` +
          `it also measures what is fed in: \`wattproof meter set ${meter} --kind net\`, then ` +
          '`wattproof dlq retry`.',
  ),
  'said-at-mixed': because(
    'mixed-said-at',
    ({ source, form }: { readonly source: string; readonly form: boolean }) =>
      `The other readings of ${source} have ${form ? 'a' : 'no'} said_at, and this one has ` +
      `${form ? 'none' : 'one'}: which of them counts would depend on the order of arrival. ` +
      `Send it ${form ? 'with' : 'without'} said_at, or under another source.`,
  ),
  withdrawn: because(
    'withdrawn-ingest',
    ({ ingest }: { readonly ingest: string }) =>
      `The ingest ${ingest} was withdrawn, so nothing of it counts. Send the reading again.`,
  ),
}
