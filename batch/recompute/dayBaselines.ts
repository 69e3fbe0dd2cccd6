import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import { computeDayBaseline } from '../../schemas/baseline/computeDayBaseline.ts'
import { listLikeDays } from '../../schemas/baseline/likeDays.ts'
import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import { energiesOfStep } from '../../schemas/meter/energiesOfStep.ts'
import { gridOfDay, wholeStarts } from '../../schemas/meter/grid.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { addDays, type EpochMs, type LocalDay, localDayOf } from '../../schemas/time.ts'
import { type EnergyMwh, meanPowerW } from '../../schemas/units.ts'
import { occupiedSince } from '../archive/occupiedFrom.ts'
import type { CountingReading } from '../history/buildSeries.ts'

export type DayBaselinesParameters = {
  readonly method: BaselineMethod
  readonly meter: Meter
  readonly readings: readonly CountingReading[]
  readonly days: readonly LocalDay[]
  /** When the occupant of its site changed: a day's baseline uses no day of a former one. */
  readonly occupied?: readonly EpochMs[] | undefined
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
}

export type SlotBaseline = { readonly baselineMwh: EnergyMwh; readonly spreadMwh: number }

export type DayBaselinesReturnType = {
  readonly slots: ReadonlyMap<EpochMs, SlotBaseline>
  /** For each requested day, the earliest day its baseline depends on. */
  readonly since: ReadonlyMap<string, string>
  /** Days without any like day in the history. */
  readonly daysWithout: readonly LocalDay[]
  /** Whether every day has enough like days, so that more history changes nothing. */
  readonly isFull: boolean
}

/** The unadjusted baseline of one meter on some days; each uses only earlier days. */
export function dayBaselines(parameters: DayBaselinesParameters): DayBaselinesReturnType {
  const { meter, days } = parameters
  const historyOf = openHistories(parameters)
  const slots = new Map<EpochMs, SlotBaseline>()
  const since = new Map<string, string>()
  const daysWithout: LocalDay[] = []
  let isFull = true
  for (const day of days) {
    const { zone } = meter
    const grid = gridOfDay(meter.steps, day)
    const slotsOf = { slots: wholeStarts(grid), ...historyOf(day, grid.stepS) }
    const asked = { ...parameters, zone, day, ...slotsOf, meter: meter.meter }
    try {
      const baseline = computeDayBaseline(asked)
      for (const { startMs, ...slot } of baseline.intervals) slots.set(startMs, slot)
      since.set(day.date, baseline.since)
      isFull &&= baseline.isFull
    } catch (error) {
      if (!(error instanceof MeterGapError)) throw error
      daysWithout.push(day)
      since.set(day.date, listLikeDays(asked).since)
      isFull = false
    }
  }
  return { slots, since, daysWithout, isFull }
}

type History = {
  readonly readings: MeterReadings
  readonly hasReadings: (date: string) => boolean
}

/** What a day's baseline may use: the readings since its occupant moved in. */
function openHistories({ meter, readings, occupied }: DayBaselinesParameters) {
  const kept = new Map<string, History>()
  const dates = new Map<EpochMs, ReadonlySet<string>>()
  return (day: LocalDay, stepS: number): History => {
    const sinceMs = occupiedSince(occupied, day.startMs)
    const key = `${sinceMs} ${stepS}`
    const known = kept.get(key)
    if (known) return known
    const own = Number.isFinite(sinceMs)
      ? readings.filter(({ start_ms: ms }) => ms >= sinceMs)
      : readings
    const withReadings = dates.get(sinceMs) ?? datesWith(own, meter.zone)
    dates.set(sinceMs, withReadings)
    const found = {
      readings: energiesOf(own, stepS),
      hasReadings: (date: string) => withReadings.has(date),
    }
    kept.set(key, found)
    return found
  }
}

/** Local days `from … to` counted from the one that contains an instant: 0 is that day. */
export function listDays(
  ms: EpochMs,
  zone: string,
  [from, to]: readonly [number, number],
): LocalDay[] {
  const day = localDayOf(ms, zone)
  return Array.from({ length: to - from + 1 }, (_, index) => addDays(day, from + index, zone))
}

/** Rows of `batch_baseline`. */
export function baselineRows(
  slots: ReadonlyMap<EpochMs, SlotBaseline>,
  { meter, run }: { readonly meter: Meter; readonly run: bigint },
): InsertRow<'batch_baseline'>[] {
  return [...slots].map(([startMs, slot]) => {
    const { intervalS } = stepAt(meter.steps, startMs)
    return {
      run,
      meter: meter.meter,
      start: startMs,
      duration_s: intervalS,
      baseline_mwh: slot.baselineMwh,
      sigma_w: meanPowerW(slot.spreadMwh, intervalS),
    }
  })
}

function datesWith(readings: readonly CountingReading[], zone: string): Set<string> {
  const dates = new Set<string>()
  let day: LocalDay | null = null
  for (const { start_ms: ms } of readings) {
    if (day && day.startMs <= ms && ms < day.endMs) continue
    day = localDayOf(ms, zone)
    dates.add(day.date)
  }
  return dates
}

function energiesOf(readings: readonly CountingReading[], stepS: number): Map<EpochMs, EnergyMwh> {
  const metered = readings.map(({ start_ms, duration_s, energy_mwh }) => {
    return { startMs: start_ms, durationS: duration_s, energyMwh: energy_mwh }
  })
  return energiesOfStep(metered, stepS)
}
