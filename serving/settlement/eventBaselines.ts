import {
  type ComputeBaselineReturnType,
  computeBaseline,
  type MeterReadings,
  type UsedReading,
} from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import type { DrEvent, Participant, SettledPoint } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { PointTerm } from '../../schemas/pointTerm.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { EventFacts } from './published.ts'
import { sumMeters } from './sumTerms.ts'

/** A point also has the baselines of each of its terms and of its boundary. */
export type MeterBaseline = ComputeBaselineReturnType & {
  /** The readings of `used`, by term. */
  readonly terms?: readonly (readonly UsedReading[])[] | undefined
  readonly boundary?: Omit<MeterBaseline, 'boundary'> | undefined
}
export type Baselines = ReadonlyMap<MeterId, MeterBaseline>
/** Energies by meter and start of interval. */
export type Metered = ReadonlyMap<MeterId, MeterReadings>

/** The fields of an event that a baseline depends on, as a published settlement has them. */
export type BaselineEvent = Pick<
  EventFacts,
  'terms' | 'zone' | 'startMs' | 'endMs' | 'intervalS' | 'excludedDates' | 'holidays'
>

export type EventBaselinesReturnType = {
  readonly baselines: Baselines
  /** Members without a baseline: they are neither paid nor charged. */
  readonly without: readonly MeterId[]
}

const dayMs = 86_400_000

/** Readings a method may use for an event: its look-back, and a day for time zones. */
export function baselineRange(event: BaselineEvent): TimeRange {
  const { lookBackDays } = baselineMethodNamed(event.terms.baselineMethod)
  return { startMs: event.startMs - (lookBackDays + 2) * dayMs, endMs: event.startMs }
}

/** The baseline of each participant by the terms' method, from the current versions. */
export function computeEventBaselines(event: DrEvent, readings: Metered): EventBaselinesReturnType {
  const baselines = new Map<MeterId, MeterBaseline>()
  const without: MeterId[] = []
  for (const participant of event.participants) {
    const baseline = computePointBaseline(event, participant, readings)
    if (baseline) baselines.set(participant.meter, baseline)
    else without.push(participant.meter)
  }
  return { baselines, without }
}

/** Null also when its boundary has none: what it may be paid at most is then unknown. */
function computePointBaseline(
  event: DrEvent,
  participant: Participant,
  readings: Metered,
): MeterBaseline | null {
  const { point } = participant
  if (!point) return computeEventBaseline(event, readings.get(participant.meter) ?? new Map())
  const own = computeTermsBaseline(event, point, readings)
  if (!own || point.boundary.length === 0) return own
  const { boundary: terms } = point
  const boundary = computeTermsBaseline(event, { terms, mayBeNegative: true }, readings)
  return boundary && { ...own, boundary }
}

function computeTermsBaseline(
  event: DrEvent,
  { terms, mayBeNegative }: Pick<SettledPoint, 'terms' | 'mayBeNegative'>,
  readings: Metered,
): Omit<MeterBaseline, 'boundary'> | null {
  const baseline = computeEventBaseline(event, sumMeters(terms, readings), mayBeNegative)
  if (!baseline) return null
  const usedOf = ({ meter }: PointTerm) =>
    baseline.used.map(({ startMs, durationS }) => {
      return { startMs, durationS, energyMwh: readings.get(meter)!.get(startMs)! }
    })
  return { ...baseline, terms: terms.map(usedOf) }
}

/** One member's baseline; null when it cannot be computed from its readings. */
export function computeEventBaseline(
  event: BaselineEvent,
  readings: MeterReadings,
  mayBeNegative = false,
): ComputeBaselineReturnType | null {
  try {
    return computeBaseline({
      method: baselineMethodNamed(event.terms.baselineMethod),
      zone: event.zone,
      event,
      stepS: event.intervalS,
      readings,
      mayBeNegative,
      excludedDates: new Set(event.excludedDates),
      holidays: new Set(event.holidays),
    })
  } catch (error) {
    if (error instanceof MeterGapError) return null
    throw error
  }
}

/** Committed for a member without a baseline. */
export const emptyBaseline: MeterBaseline = {
  intervals: [],
  days: [],
  adjustment: { kind: 'none' },
  flags: ['no-baseline'],
  used: [],
}
