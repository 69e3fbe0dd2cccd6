import { MeterGapError, StepError } from '../errors/baseline.ts'
import { EventLengthError } from '../errors/event.ts'
import { type EpochMs, intervalStarts, type LocalDay, localDayOf, type TimeRange } from '../time.ts'
import type { EnergyMwh } from '../units.ts'
import { type AppliedAdjustment, adjustedMean, adjustToDay, sum } from './adjust.ts'
import { listLikeDays, type MatchDays, matchInstant } from './likeDays.ts'
import type { BaselineMethod } from './methods.ts'

/** Energies of one meter by interval start: the versions that count. */
export type MeterReadings = ReadonlyMap<EpochMs, EnergyMwh>

export type ComputeBaselineParameters = {
  readonly method: BaselineMethod
  /** The site's IANA zone. */
  readonly zone: string
  readonly event: TimeRange
  /** Length of an interval; divides an hour. */
  readonly stepS: number
  readonly readings: MeterReadings
  /** A point that can be negative is adjusted additively, whatever the method says. */
  readonly mayBeNegative?: boolean
  /** Local dates that are not ordinary days. */
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  /** Used in error messages only. */
  readonly meter?: string
}

export type UsedReading = {
  readonly startMs: EpochMs
  readonly durationS: number
  readonly energyMwh: EnergyMwh
}

export type ComputeBaselineReturnType = {
  readonly intervals: readonly { readonly startMs: EpochMs; readonly baselineMwh: EnergyMwh }[]
  /** Local dates of the mean, latest first. */
  readonly days: readonly string[]
  readonly adjustment: AppliedAdjustment
  /** `passed-over:DATE`, `few-days:N-of-M`, `adjustment-clipped`, `no-adjustment:WHY`. */
  readonly flags: readonly string[]
  /** Every reading used, sorted: anyone can recompute the baseline from these. */
  readonly used: readonly UsedReading[]
}

/**
 * The baseline of one meter for one event (METHODS §1): the mean of like days, adjusted to the day.
 *
 * Energies are whole milliwatt-hours; mean and adjustment are one fraction (`adjustedMean`),
 * rounded once, half to even. A day that misses an interval of the event or of the adjustment
 * window is skipped for an earlier one. Running it again on `used` alone gives the same result.
 *
 * @throws MeterGapError when no like day is complete.
 */
export function computeBaseline(parameters: ComputeBaselineParameters): ComputeBaselineReturnType {
  const { method, zone, event, stepS, readings } = parameters
  checkEvent(event, stepS)
  const day = localDayOf(event.startMs, zone)
  const slots = intervalStarts(event, stepS)
  const window = windowStarts(method, event, stepS)
  const { picked, pool, passedOver } = pickDays(parameters, { day, starts: [...slots, ...window] })
  if (picked.length === 0) {
    const missing = slots.length + window.length
    const meter = parameters.meter ?? 'of this baseline'
    throw new MeterGapError({ meter, startMs: event.startMs, missing, allowed: 0 })
  }

  const own = readAll(readings, window)
  const windows = picked.map((each) => each.energies.slice(slots.length))
  const { adjustment, flags } = adjustToDay({ ...parameters, own, windows })
  const intervals = slots.map((startMs, index) => {
    const total = sum(picked.map((each) => each.energies[index]!))
    return { startMs, baselineMwh: adjustedMean({ total, count: picked.length }, adjustment) }
  })
  const few = picked.length < pool ? [`few-days:${picked.length}-of-${pool}`] : []
  return {
    intervals,
    days: picked.map((each) => each.day.date),
    adjustment,
    flags: [...passedOver.map((date) => `passed-over:${date}`), ...few, ...flags],
    used: listUsed(picked, own ? { starts: window, energies: own } : null, stepS),
  }
}

/** Starts of the intervals in the adjustment window on the event's own day. */
export function windowStarts(
  method: BaselineMethod,
  event: TimeRange,
  stepS: number,
): readonly EpochMs[] {
  if (method.adjust.kind === 'none') return []
  const { fromS, toS } = method.adjust.window
  const startMs = event.startMs - fromS * 1000
  return intervalStarts({ startMs, endMs: event.startMs - toS * 1000 }, stepS)
}

type PickedDay = {
  readonly day: LocalDay
  /** Instants and energies of the event's intervals, then of the window's. */
  readonly starts: readonly EpochMs[]
  readonly energies: readonly EnergyMwh[]
}

function pickDays(
  parameters: ComputeBaselineParameters,
  wanted: { readonly day: LocalDay; readonly starts: readonly EpochMs[] },
) {
  const { readings, zone } = parameters
  const { type, days } = listLikeDays({ ...parameters, day: wanted.day })
  const picked: PickedDay[] = []
  const passedOver: string[] = []
  for (const day of days) {
    if (picked.length === type.pool) break
    const found = readDay(readings, wanted.starts, { from: wanted.day, to: day, zone })
    if (found) picked.push({ day, ...found })
    else passedOver.push(day.date)
  }
  return { picked, pool: type.pool, passedOver }
}

function listUsed(
  picked: readonly PickedDay[],
  own: Omit<PickedDay, 'day'> | null,
  durationS: number,
): UsedReading[] {
  const used = new Map<EpochMs, EnergyMwh>()
  for (const { starts, energies } of own ? [...picked, own] : picked) {
    starts.forEach((startMs, index) => {
      used.set(startMs, energies[index]!)
    })
  }
  return [...used]
    .sort(([left], [right]) => left - right)
    .map(([startMs, energy]) => ({ startMs, durationS, energyMwh: energy }))
}

function checkEvent(event: TimeRange, stepS: number): void {
  const isStep = Number.isInteger(stepS) && stepS > 0 && 3600 % stepS === 0
  if (!isStep) throw new StepError({ stepS })
  const lengthS = (event.endMs - event.startMs) / 1000
  const isWhole = lengthS > 0 && lengthS % stepS === 0
  if (!isWhole || lengthS > 86_400) throw new EventLengthError({ lengthS, stepS })
}

/** The readings of these instants' times on another day; null at the first that is missing. */
function readDay(
  readings: MeterReadings,
  wanted: readonly EpochMs[],
  days: MatchDays,
): Pick<PickedDay, 'starts' | 'energies'> | null {
  const starts: EpochMs[] = []
  const energies: EnergyMwh[] = []
  for (const ms of wanted) {
    const start = matchInstant(ms, days)
    const energy = start === null ? undefined : readings.get(start)
    if (start === null || energy === undefined) return null
    starts.push(start)
    energies.push(energy)
  }
  return { starts, energies }
}

function readAll(readings: MeterReadings, starts: readonly EpochMs[]): EnergyMwh[] | null {
  const energies: EnergyMwh[] = []
  for (const start of starts) {
    const energy = readings.get(start)
    if (energy === undefined) return null
    energies.push(energy)
  }
  return energies
}
