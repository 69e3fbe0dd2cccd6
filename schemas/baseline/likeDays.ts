import { Temporal } from 'temporal-polyfill'
import { invariant } from '../errors/wattproofError.ts'
import { type EpochMs, type LocalDay, localDayOf } from '../time.ts'
import type { BaselineMethod, DayClass, DayType } from './methods.ts'

export type ListLikeDaysParameters = {
  readonly method: BaselineMethod
  readonly zone: string
  readonly day: LocalDay
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
}

export type ListLikeDaysReturnType = {
  readonly type: DayType
  readonly days: readonly LocalDay[]
  /** The first date of the look-back, like `day` or not. */
  readonly since: string
}

const dayMs = 86_400_000

/** Earlier days of the same type as `day`, latest first; excluded dates are left out. */
export function listLikeDays(parameters: ListLikeDaysParameters): ListLikeDaysReturnType {
  const { method, zone, day, excludedDates, holidays } = parameters
  const type = dayTypeOf(method, { day, holidays })
  const before = daysBefore(day, method.lookBackDays, zone)
  const days = before.filter(
    (each) => !excludedDates.has(each.date) && type.classes.includes(dayClassOf(each, holidays)),
  )
  return { type, days, since: before.at(-1)?.date ?? day.date }
}

/** How a method chooses the like days of an event on `day`. */
export function dayTypeOf(
  method: BaselineMethod,
  { day, holidays }: Pick<ListLikeDaysParameters, 'day' | 'holidays'>,
): DayType {
  const own = dayClassOf(day, holidays)
  const type = method.dayTypes.find((each) => each.classes.includes(own))
  invariant(type !== undefined, `${method.id} says nothing of a ${own}.`)
  return type
}

/**
 * The instant on `to` with the wall-clock time of `ms` on `from`; null where DST skips it.
 *
 * An instant before or after `from` is matched as many days before or after `to`. A repeated hour
 * is matched by its first occurrence.
 */
export function matchInstant(ms: EpochMs, days: MatchDays): EpochMs | null {
  const { from, to, zone } = days
  const isWithin = from.startMs <= ms && ms < from.endMs
  if (isWithin && isOrdinary(from) && isOrdinary(to)) return to.startMs + (ms - from.startMs)
  const beside = isWithin ? null : daysBeside(ms, days)
  if (beside) return matchInstant(ms, beside)

  const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const apart = Temporal.PlainDate.from(from.date).until(wall.toPlainDate(), { largestUnit: 'day' })
  const date = Temporal.PlainDate.from(to.date).add(apart)
  const found = date
    .toPlainDateTime(wall.toPlainTime())
    .toZonedDateTime(zone, { disambiguation: 'earlier' })
  const isSame = found.toPlainTime().equals(wall.toPlainTime())
  return isSame ? found.epochMilliseconds : null
}

/**
 * The two days that are a day nearer to the instant: those are known, where a calendar look-up
 * takes a tenth of a millisecond and an event past midnight has one for each second. Null where a
 * zone left a date out.
 */
function daysBeside(ms: EpochMs, { from, to, zone }: MatchDays): MatchDays | null {
  const isAfter = ms >= from.endMs
  const step = (day: LocalDay) => localDayOf(isAfter ? day.endMs : day.startMs - 1, zone)
  const next = { from: step(from), to: step(to), zone }
  const isDayApart = (one: LocalDay, other: LocalDay) =>
    Math.abs(Date.parse(one.date) - Date.parse(other.date)) === dayMs
  return isDayApart(from, next.from) && isDayApart(to, next.to) ? next : null
}

/**
 * `matchInstant` of all intervals of a day. The result is the same for every meter of a zone and
 * interval, and a day with a DST change needs a calendar look-up for each, so those are cached.
 */
export function matchSlots(
  slots: readonly EpochMs[],
  days: MatchDays,
): readonly (EpochMs | null)[] {
  const match = () => slots.map((ms) => matchInstant(ms, days))
  const { from, to, zone } = days
  if (isOrdinary(from) && isOrdinary(to)) return match()
  const key = `${zone} ${from.date} ${to.date} ${slots[0]} ${slots[1]}`
  const found = knownMatches.get(key) ?? match()
  if (knownMatches.size >= knownMax) knownMatches.clear()
  knownMatches.set(key, found)
  return found
}

const knownMatches = new Map<string, readonly (EpochMs | null)[]>()

export type MatchDays = { readonly from: LocalDay; readonly to: LocalDay; readonly zone: string }

export function dayClassOf(day: LocalDay, holidays: ReadonlySet<string>): DayClass {
  if (holidays.has(day.date) || day.weekday === 7) return 'sunday-or-holiday'
  return day.weekday === 6 ? 'saturday' : 'weekday'
}

const known = new Map<string, readonly LocalDay[]>()
const knownMax = 256

/** Every meter of an event needs the same days, so they are computed once. */
function daysBefore(day: LocalDay, count: number, zone: string): readonly LocalDay[] {
  const key = `${zone} ${day.date} ${count}`
  const found = known.get(key)
  if (found) return found
  const days: LocalDay[] = []
  for (let next = day; days.length < count; days.push(next)) {
    next = localDayOf(next.startMs - 1, zone)
  }
  if (known.size >= knownMax) known.clear()
  known.set(key, days)
  return days
}

function isOrdinary(day: LocalDay): boolean {
  return day.endMs - day.startMs === dayMs
}
