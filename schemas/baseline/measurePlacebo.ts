import { MeterGapError } from '../errors/baseline.ts'
import { type EpochMs, intervalStarts, localDayOf, type TimeRange } from '../time.ts'
import { computeBaseline, type MeterReadings } from './computeBaseline.ts'
import { computeControlBaseline } from './controlGroup.ts'
import { listLikeDays, matchInstant } from './likeDays.ts'
import type { BaselineMethod } from './methods.ts'
import { type BaselineErrors, type BaselinePair, measureErrors } from './metrics.ts'

export type MeasurePlaceboParameters = {
  readonly method: BaselineMethod
  readonly zone: string
  readonly event: TimeRange
  readonly stepS: number
  readonly participants: readonly MeterReadings[]
  /** Which participants can be negative, by index; without it, none. */
  readonly mayBeNegative?: readonly boolean[]
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  /** How many of the latest like days act as placebo events; default 5. */
  readonly daysMax?: number
}

export type MeasurePlaceboReturnType = {
  /** Null when no placebo day could be measured. */
  readonly errors: BaselineErrors | null
  /** Local dates of the placebo events. */
  readonly days: readonly string[]
}

/**
 * The error of a method on ordinary days of a portfolio: like days without an event, where the
 * true load is known. Sums over the sites with a baseline and a reading in every interval.
 */
export function measurePlacebo(parameters: MeasurePlaceboParameters): MeasurePlaceboReturnType {
  return measureDays(parameters, (placebo) => pairsOfDay(parameters, placebo))
}

/** The same for the control group: its error on days without an order. */
export function measureControlPlacebo(
  parameters: Omit<MeasurePlaceboParameters, 'mayBeNegative'> & {
    readonly controls: readonly MeterReadings[]
    /** Some of the participants or controls can be negative. */
    readonly mayBeNegative?: boolean
  },
): MeasurePlaceboReturnType {
  const { method: days, mayBeNegative = false, ...rest } = parameters
  const common = { ...rest, days, mayBeNegative }
  return measureDays({ ...rest, method: days }, (event) =>
    skipGaps(() => [...computeControlBaseline({ ...common, event }).intervals]),
  )
}

function measureDays(
  parameters: MeasurePlaceboParameters,
  measure: (event: TimeRange) => readonly BaselinePair[],
): MeasurePlaceboReturnType {
  const { event, zone, stepS, daysMax = 5 } = parameters
  const from = localDayOf(event.startMs, zone)
  const lengthMs = event.endMs - event.startMs
  const pairs: BaselinePair[] = []
  const days: string[] = []
  for (const to of listLikeDays({ ...parameters, day: from }).days) {
    if (days.length === daysMax) break
    const startMs = matchInstant(event.startMs, { from, to, zone })
    if (startMs === null || startMs % (stepS * 1000) !== event.startMs % (stepS * 1000)) continue
    const measured = measure({ startMs, endMs: startMs + lengthMs })
    if (measured.length === 0) continue
    pairs.push(...measured)
    days.push(to.date)
  }
  return { errors: measureErrors(pairs), days }
}

function pairsOfDay(parameters: MeasurePlaceboParameters, event: TimeRange): BaselinePair[] {
  const sums = new Map<EpochMs, { baselineMwh: number; meteredMwh: number }>()
  const starts = intervalStarts(event, parameters.stepS)
  const { mayBeNegative: signs, ...common } = parameters
  for (const [index, readings] of parameters.participants.entries()) {
    if (!starts.every((ms) => readings.has(ms))) continue
    const own = { ...common, event, readings, mayBeNegative: signs?.[index] ?? false }
    for (const each of skipGaps(() => computeBaseline(own).intervals)) {
      const sum = sums.get(each.startMs) ?? { baselineMwh: 0, meteredMwh: 0 }
      sum.baselineMwh += each.baselineMwh
      sum.meteredMwh += readings.get(each.startMs)!
      sums.set(each.startMs, sum)
    }
  }
  return [...sums.values()]
}

/** A day or site that cannot be measured is left out. */
function skipGaps<T>(compute: () => readonly T[]): readonly T[] {
  try {
    return compute()
  } catch (error) {
    if (error instanceof MeterGapError) return []
    throw error
  }
}
