import { type Standing, standing as standings } from '../../../schemas/reading/reading.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import type { Register } from '../register/meterExchange.ts'
import type { Step } from './findStep.ts'
import type { Conflict, ProfiledReading, SeriesUnderstood } from './reading.ts'

/** What a summary needs of a reading. */
export type Summarized = Pick<
  ProfiledReading,
  'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'revision' | 'saidAtMs' | 'isVoid' | 'line'
> & { readonly standing: keyof typeof standings | Standing }

export type SummaryOptions = {
  readonly stepOf: (meter: string) => Step | null
  readonly registers: ReadonlyMap<string, { readonly first: Register; readonly last: Register }>
}

export type Summary = {
  readonly series: readonly SeriesUnderstood[]
  readonly conflicts: readonly Conflict[]
  readonly repeats: number
}

/** What a file says in the end: by meter, and where it says an interval twice. */
export function summarize(
  readings: readonly Summarized[],
  { stepOf, registers }: SummaryOptions,
): Summary {
  const meters = new Map<string, Map<EpochMs, Summarized[]>>()
  for (const reading of readings) {
    const intervals = meters.get(reading.meter) ?? new Map<EpochMs, Summarized[]>()
    if (intervals.size === 0) meters.set(reading.meter, intervals)
    const words = intervals.get(reading.startMs)
    if (words) words.push(reading)
    else intervals.set(reading.startMs, [reading])
  }
  const series: SeriesUnderstood[] = []
  const conflicts: Conflict[] = []
  let repeats = 0
  for (const [meter, intervals] of meters) {
    for (const [startMs, words] of intervals) {
      if (words.length === 1) continue
      const energiesMwh = words.map((each) => each.energyMwh)
      const lines = words.map((each) => each.line)
      if (new Set(energiesMwh).size > 1) conflicts.push({ meter, startMs, lines, energiesMwh })
      else repeats += words.length - 1
    }
    series.push(seriesOf(meter, intervals, { step: stepOf(meter), registers }))
  }
  return { series, conflicts, repeats }
}

function seriesOf(
  meter: string,
  intervals: ReadonlyMap<EpochMs, readonly Summarized[]>,
  given: { readonly step: Step | null; readonly registers: SummaryOptions['registers'] },
): SeriesUnderstood {
  const counting = [...intervals.values()].map(lastWord)
  const firstMs = counting.reduce(
    (least, each) => Math.min(least, each.startMs),
    Number.POSITIVE_INFINITY,
  )
  const lastMs = counting.reduce(
    (most, each) => Math.max(most, each.startMs + each.durationS * 1000),
    0,
  )
  const valid = counting.filter((each) => !each.isVoid)
  const { step } = given
  const stepMs = (step?.stepS ?? 0) * 1000
  const expected = stepMs === 0 ? counting.length : Math.round((lastMs - firstMs) / stepMs)
  return {
    meter,
    stepS: step?.stepS ?? null,
    isLocalDay: step?.isLocalDay ?? false,
    readings: [...intervals.values()].reduce((sum, words) => sum + words.length, 0),
    firstMs,
    lastMs,
    sumMwh: valid.reduce((sum, each) => sum + each.energyMwh, 0n),
    missing: Math.max(0, expected - counting.length),
    registers: given.registers.get(meter) ?? null,
  }
}

/**
 * The word that counts within one file: the largest revision, then the firmest, then what was said
 * last, then the last line. What does not say when is said as the file comes, so later.
 */
function lastWord(words: readonly Summarized[]): Summarized {
  return words.reduce((last, each) => (compare(each, last) >= 0 ? each : last))
}

function compare(left: Summarized, right: Summarized): number {
  const said = ({ saidAtMs }: Summarized) => saidAtMs ?? Number.MAX_SAFE_INTEGER
  return (
    (left.revision ?? 0) - (right.revision ?? 0) ||
    codeOf(left.standing) - codeOf(right.standing) ||
    said(left) - said(right)
  )
}

function codeOf(standing: Summarized['standing']): Standing {
  return typeof standing === 'number' ? standing : standings[standing]
}
