import { MeterGapError } from '../errors/baseline.ts'
import type { EpochMs, LocalDay } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'
import type { MeterReadings } from './computeBaseline.ts'
import { listLikeDays, matchSlots } from './likeDays.ts'
import type { BaselineMethod } from './methods.ts'

export type ComputeDayBaselineParameters = {
  readonly method: BaselineMethod
  readonly zone: string
  readonly day: LocalDay
  /** Starts of the day's intervals. */
  readonly slots: readonly EpochMs[]
  readonly readings: MeterReadings
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  /** Whether the readings have any on a date; without it, all of the look-back is examined. */
  readonly hasReadings?: (date: string) => boolean
  /** Used in error messages only. */
  readonly meter?: string
}

export type DayBaselineInterval = {
  readonly startMs: EpochMs
  readonly baselineMwh: EnergyMwh
  /** Sample standard deviation over the days, mWh; 0 where there was one day. An estimate. */
  readonly spreadMwh: number
}

export type ComputeDayBaselineReturnType = {
  readonly intervals: readonly DayBaselineInterval[]
  readonly days: readonly string[]
  /**
   * The earliest day examined, complete or not; without enough days the first of the look-back, of
   * which any could still become a like day. The result does not depend on earlier days.
   */
  readonly since: string
  /** False when the look-back has fewer complete days than the method uses. */
  readonly isFull: boolean
  /** `few-days:N-of-M`, `slots-without-days:N`. */
  readonly flags: readonly string[]
}

/**
 * An ordinary day of one meter: per interval the mean over like days, unadjusted.
 *
 * Known a day ahead (METHODS §1, `knownAt`): the previous day is left out, because it is not over
 * when the baseline is published. So a day's baseline does not depend on when it is computed.
 *
 * A day counts when it has at least half of the intervals; a slot is the mean over the days that
 * have it, and is left out where none has. Rounded once, half to even.
 *
 * @throws MeterGapError when no like day counts.
 */
export function computeDayBaseline(
  parameters: ComputeDayBaselineParameters,
): ComputeDayBaselineReturnType {
  const { day, slots } = parameters
  const { picked, pool, since } = pickDays(parameters, slots)
  if (picked.length === 0) {
    const meter = parameters.meter ?? 'of this baseline'
    const gap = { meter, startMs: day.startMs, missing: slots.length }
    throw new MeterGapError({ ...gap, allowed: Math.floor(slots.length / 2) })
  }
  const intervals = slots.flatMap((startMs, index) => {
    const energies = picked.flatMap((each) => each.energies[index] ?? [])
    return energies.length === 0 ? [] : [{ startMs, ...summarise(energies) }]
  })
  const without = slots.length - intervals.length
  return {
    intervals,
    days: picked.map((each) => each.date),
    since,
    isFull: picked.length === pool,
    flags: [
      ...(picked.length < pool ? [`few-days:${picked.length}-of-${pool}`] : []),
      ...(without > 0 ? [`slots-without-days:${without}`] : []),
    ],
  }
}

function pickDays(parameters: ComputeDayBaselineParameters, slots: readonly EpochMs[]) {
  const { readings, zone, day: from } = parameters
  const { type, days, since: first } = listLikeDays(parameters)
  const picked: { readonly date: string; readonly energies: readonly (EnergyMwh | null)[] }[] = []
  let since = from.date
  for (const to of days) {
    if (picked.length === type.pool) break
    if (to.endMs === from.startMs) continue
    since = to.date
    if (slots.length > 0 && parameters.hasReadings?.(to.date) === false) continue
    const energies = matchSlots(slots, { from, to, zone }).map((match) => {
      return match === null ? null : (readings.get(match) ?? null)
    })
    const found = energies.filter((each) => each !== null).length
    if (2 * found >= slots.length) picked.push({ date: to.date, energies })
  }
  const isFull = picked.length === type.pool
  return { picked, pool: type.pool, since: isFull ? since : first }
}

function summarise(energies: readonly EnergyMwh[]) {
  const count = energies.length
  const sum = energies.reduce<number>((whole, each) => whole + each, 0)
  const mean = sum / count
  const squares = energies.reduce((whole, each) => whole + (each - mean) ** 2, 0)
  return {
    baselineMwh: meanHalfEven(energyMwh(sum), count),
    spreadMwh: count < 2 ? 0 : Math.sqrt(squares / (count - 1)),
  }
}

/** `scaleHalfEven(sum, 1n, count)` without a bigint for each of a million intervals. */
function meanHalfEven(sum: EnergyMwh, count: number): EnergyMwh {
  const rest = ((sum % count) + count) % count
  const floor = (sum - rest) / count
  const isUp = 2 * rest > count || (2 * rest === count && floor % 2 !== 0)
  return energyMwh(isUp ? floor + 1 : floor)
}
