import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { isStoredDate } from '../../schemas/sql/storedDates.ts'
import { addDays, type EpochMs, localDayNamed, type TimeRange } from '../../schemas/time.ts'
import { type DayCalendar, earlierLikeDays } from './dirtyDays.ts'

/** Days computed together, and the history read for them. Local dates, in order. */
export type Part = {
  /** Days whose rows are written. */
  readonly dates: readonly string[]
  /** Days whose group sums are written, in the zone they are stored by. */
  readonly sumDates: readonly string[]
  /** Days computed, because those sums use their rows. */
  readonly readDates: readonly string[]
  /** First day of history if every meter has complete days; see `recomputeDays`. */
  readonly range: TimeRange
}

export type PlanPartsParameters = {
  /** Dirty days, in order. */
  readonly dates: readonly string[]
  /**
   * Whether a day's sums use only that day's rows: all sites are in one zone, and no interval
   * contains midnight. Otherwise they may use rows of adjacent days.
   */
  readonly isAligned: boolean
  readonly method: BaselineMethod
  readonly calendar: DayCalendar
  readonly highWaterMs: EpochMs
  /** The history of forecasts is read in any case; days that need no more use it too. */
  readonly recentDays: number
  /** Maximum days of one part, whose rows are in memory together. */
  readonly daysMax: number
}

const dayMs = 86_400_000
/** Maximum distance of a local midnight from midnight in UTC. */
const offsetMs = 14 * 3_600_000
/** Maximum difference between local dates at one instant, and between an interval's ends. */
const datesApartMax = 2
/** Days this close use mostly the same history, so they are computed together. */
const apartDaysMax = 7

/** Splits dirty days into parts; the last ends at the high-water mark, even without days. */
export function planParts(parameters: PlanPartsParameters): Part[] {
  const { dates, isAligned, highWaterMs, recentDays, daysMax } = parameters
  const near = isAligned ? 0 : datesApartMax
  // A meter whose clock was reset to 1970 has a local date of 1969, which no table takes.
  const sumDates = spread(dates, near).filter(isStoredDate)
  const recentMs = highWaterMs - recentDays * dayMs
  const fromMs = (date: string) => readFromMs(dateAfter(date, -near), parameters)
  const cut = sumDates.findLastIndex((date) => fromMs(date) < recentMs) + 1
  const lastly = sumDates.slice(Math.max(cut, sumDates.length - daysMax))
  const parts: string[][] = []
  for (const date of sumDates.slice(0, sumDates.length - lastly.length)) {
    const part = parts.at(-1)
    const isNear = part && utcMs(date) - utcMs(part.at(-1)!) <= apartDaysMax * dayMs
    if (isNear && part.length < daysMax) part.push(date)
    else parts.push([date])
  }
  const dirty = new Set(dates)
  const partOf = (own: readonly string[]) => ({
    dates: own.filter((date) => dirty.has(date)),
    sumDates: own,
    readDates: spread(own, near),
  })
  const earlier = parts.map((own): Part => {
    const part = partOf(own)
    const startMs = Math.min(...part.readDates.map((date) => readFromMs(date, parameters)))
    const endMs = utcMs(part.readDates.at(-1)!) + dayMs + offsetMs
    const range = { startMs: Math.max(startMs, 0), endMs: Math.min(endMs, highWaterMs) }
    return { ...part, range }
  })
  const range = { startMs: Math.max(recentMs, 0), endMs: highWaterMs }
  return [...earlier, { ...partOf(lastly), range }]
}

/** Dates and adjacent ones, in order. */
function spread(dates: readonly string[], near: number): string[] {
  if (near === 0) return [...dates]
  const all = new Set<string>()
  for (const date of dates) {
    for (let days = -near; days <= near; days++) all.add(dateAfter(date, days))
  }
  return [...all].sort()
}

/** The earliest day of the pool if all its days are complete. */
function readFromMs(date: string, { method, calendar }: PlanPartsParameters): EpochMs {
  const { type, days } = earlierLikeDays(date, method, calendar)
  const first = days[Math.min(type.pool, days.length) - 1]?.date ?? date
  return utcMs(first) - offsetMs
}

function utcMs(date: string): EpochMs {
  return localDayNamed(date, 'UTC').startMs
}

function dateAfter(date: string, days: number): string {
  return addDays(localDayNamed(date, 'UTC'), days, 'UTC').date
}
