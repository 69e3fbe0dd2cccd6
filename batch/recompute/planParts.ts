import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { addDays, type EpochMs, localDayNamed, type TimeRange } from '../../schemas/time.ts'
import { type DayCalendar, earlierLikeDays } from './dirtyDays.ts'

/** Days computed together, and what is read for them. Local dates, in order. */
export type Part = {
  /** Days whose rows are written. */
  readonly dates: readonly string[]
  /** Days whose sums of groups are written, in the zone they are stored by. */
  readonly sumDates: readonly string[]
  /** Days computed, as those sums take rows from them. */
  readonly readDates: readonly string[]
  /** As far back as the days look when every meter has complete days; see `recomputeDays`. */
  readonly range: TimeRange
}

export type PlanPartsParameters = {
  /** Dirty days, in order. */
  readonly dates: readonly string[]
  /**
   * Whether a day's sums are made of that day's rows alone: all sites in one zone, and no interval
   * that a midnight falls into. Else they may rest on days as far as dates of zones lie apart.
   */
  readonly isAligned: boolean
  readonly method: BaselineMethod
  readonly calendar: DayCalendar
  readonly highWaterMs: EpochMs
  /** What forecasts look back on is read in any case; days that need no more go with it. */
  readonly recentDays: number
  /** Days one part holds at most: its rows are in memory together. */
  readonly daysMax: number
}

const dayMs = 86_400_000
/** The farthest that a local midnight is from that of UTC. */
const offsetMs = 14 * 3_600_000
/** Dates that two places have at one time differ by no more; so do an interval's two ends. */
const datesApartMax = 2
/** Days this near read the same history, so they go together. */
const apartDaysMax = 7

/** Dirty days cut into parts, the last of which ends at the mark and is there without days too. */
export function planParts(parameters: PlanPartsParameters): Part[] {
  const { dates, isAligned, highWaterMs, recentDays, daysMax } = parameters
  const near = isAligned ? 0 : datesApartMax
  const sumDates = spread(dates, near)
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

/** Dates and those around them, in order. */
function spread(dates: readonly string[], near: number): string[] {
  if (near === 0) return [...dates]
  const all = new Set<string>()
  for (const date of dates) {
    for (let days = -near; days <= near; days++) all.add(dateAfter(date, days))
  }
  return [...all].sort()
}

/** The earliest day of the pool, if each of its days is complete. */
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
