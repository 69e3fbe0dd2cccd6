import { type ListLikeDaysParameters, listLikeDays } from '../../schemas/baseline/likeDays.ts'
import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { localDayNamed } from '../../schemas/time.ts'
import type { Manifest } from './manifest.ts'

export type DayCalendar = {
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
}

export type DirtyDaysParameters = {
  readonly method: BaselineMethod
  /** The manifest of the published generation. */
  readonly manifest: Manifest
  /** Dates whose own readings changed. */
  readonly changed: ReadonlySet<string>
  readonly before: DayCalendar
  readonly now: DayCalendar
}

/**
 * Local dates to recompute, in order: those that changed, and those that depend on them.
 *
 * A day's baseline uses the latest complete like days, so it depends on no day before the earliest
 * one it examined (`since`): changes before that cannot alter the selection. Of the later days it
 * depends only on those like it. A day that became an event day or a holiday, or no longer is one,
 * affects every day whose look-back covers it.
 *
 * A newly released model is no reason: it forecasts future days, and those are always written.
 */
export function dirtyDays(parameters: DirtyDaysParameters): string[] {
  const { manifest, changed, before, now } = parameters
  const holidays = difference(before.holidays, now.holidays)
  const calendar = [...difference(before.excludedDates, now.excludedDates), ...holidays]
  const dirty = new Set(changed)
  const sources = [...changed]
  for (const [date, { since }] of manifest) {
    if (dirty.has(date)) continue
    const within = (source: string) => since <= source && source < date
    const likes = sources.some(within) ? likeDates(date, parameters) : null
    const isDirty =
      holidays.includes(date) ||
      calendar.some(within) ||
      (likes !== null && sources.some((source) => within(source) && likes.has(source)))
    if (isDirty) dirty.add(date)
  }
  return [...dirty].sort()
}

/** Whether two days have the same class by the current calendar, independent of zones. */
function likeDates(date: string, { method, now }: DirtyDaysParameters): Set<string> {
  return new Set(earlierLikeDays(date, method, now).days.map((day) => day.date))
}

/** Days that a date's baseline may depend on, never the previous day. */
export function earlierLikeDays(date: string, method: BaselineMethod, calendar: DayCalendar) {
  const asked = likeDaysParameters(date, method, calendar)
  const { type, days } = listLikeDays(asked)
  return { type, days: days.filter((day) => day.endMs !== asked.day.startMs) }
}

function likeDaysParameters(
  date: string,
  method: BaselineMethod,
  calendar: DayCalendar,
): ListLikeDaysParameters {
  return {
    method,
    zone: 'UTC',
    day: localDayNamed(date, 'UTC'),
    excludedDates: new Set(calendar.excludedDates),
    holidays: new Set(calendar.holidays),
  }
}

function difference(left: readonly string[], right: readonly string[]): string[] {
  return [
    ...left.filter((each) => !right.includes(each)),
    ...right.filter((each) => !left.includes(each)),
  ]
}
