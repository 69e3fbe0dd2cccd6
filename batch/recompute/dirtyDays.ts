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
  /** Of the published generation. */
  readonly manifest: Manifest
  /** Dates whose own readings changed. */
  readonly changed: ReadonlySet<string>
  readonly before: DayCalendar
  readonly now: DayCalendar
}

/**
 * Local dates to compute again, in order: those that changed, and those that rest on them.
 *
 * A day's baseline takes the latest like days that are complete, so it rests on no day before the
 * earliest it had to look at (`since`): whatever becomes of those, as many later ones are as they
 * were. It rests on later days only if they are like it. A day that is an event day or a holiday
 * now, or is none any more, concerns every day that looked back past it.
 *
 * A model released since is no reason: it forecasts days to come, and those are always written.
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

/** Of the same class by the calendar of now; which day is which does not depend on zones. */
function likeDates(date: string, { method, now }: DirtyDaysParameters): Set<string> {
  return new Set(earlierLikeDays(date, method, now).days.map((day) => day.date))
}

/** Days that a date's baseline may rest on: the day before is never among them. */
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
