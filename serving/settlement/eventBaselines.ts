import { computeBaseline } from '../../schemas/baseline/computeBaseline.ts'
import { type BaselineMethod, baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { MeterBaseline, Metered } from './settleEvent.ts'

export type EventBaselinesReturnType = {
  readonly baselines: ReadonlyMap<MeterId, MeterBaseline>
  /** Members of whom nothing can be said: they are settled at nothing. */
  readonly without: readonly MeterId[]
}

const dayMs = 86_400_000

/** Readings a method may look at for an event: its look-back, and a day for the edges of zones. */
export function baselineRange(event: DrEvent, method = methodOf(event)): TimeRange {
  return { startMs: event.startMs - (method.lookBackDays + 2) * dayMs, endMs: event.startMs }
}

/** The baseline of each participant by the terms' own method, from the versions that count. */
export function computeEventBaselines(event: DrEvent, readings: Metered): EventBaselinesReturnType {
  const baselines = new Map<MeterId, MeterBaseline>()
  const without: MeterId[] = []
  for (const { meter } of event.participants) {
    const baseline = computeMemberBaseline(event, meter, readings)
    if (baseline) baselines.set(meter, baseline)
    else without.push(meter)
  }
  return { baselines, without }
}

function computeMemberBaseline(
  event: DrEvent,
  meter: MeterId,
  readings: Metered,
): MeterBaseline | null {
  try {
    return computeBaseline({
      meter,
      method: methodOf(event),
      zone: event.zone,
      event,
      stepS: event.intervalS,
      readings: readings.get(meter) ?? new Map(),
      excludedDates: new Set(event.excludedDates),
      holidays: new Set(event.holidays),
    })
  } catch (error) {
    if (error instanceof MeterGapError) return null
    throw error
  }
}

function methodOf(event: DrEvent): BaselineMethod {
  return baselineMethodNamed(event.terms.baselineMethod)
}
