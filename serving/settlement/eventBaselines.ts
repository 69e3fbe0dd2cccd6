import {
  type ComputeBaselineReturnType,
  computeBaseline,
  type MeterReadings,
} from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { EventFacts } from './published.ts'

export type MeterBaseline = ComputeBaselineReturnType
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
  for (const { meter } of event.participants) {
    const baseline = computeEventBaseline(event, readings.get(meter) ?? new Map())
    if (baseline) baselines.set(meter, baseline)
    else without.push(meter)
  }
  return { baselines, without }
}

/** One member's baseline; null when it cannot be computed from its readings. */
export function computeEventBaseline(
  event: BaselineEvent,
  readings: MeterReadings,
): MeterBaseline | null {
  try {
    return computeBaseline({
      method: baselineMethodNamed(event.terms.baselineMethod),
      zone: event.zone,
      event,
      stepS: event.intervalS,
      readings,
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
