import { Temporal } from 'temporal-polyfill'
import { TimeZoneError } from './errors/meter.ts'
import { localDayAt } from './localDay.ts'

/** An instant, milliseconds since 1970-01-01T00:00Z. */
export type EpochMs = number

/** The last millisecond of 9999, the last year that ISO 8601 writes in four digits. */
export const epochMsMax: EpochMs = 253_402_300_799_999

/** `[startMs, endMs)`: half-open, identified by its start. */
export type TimeRange = { readonly startMs: EpochMs; readonly endMs: EpochMs }

/** A calendar day in the site's time zone; 23 or 25 hours long on DST changes. */
export type LocalDay = TimeRange & {
  /** `2013-02-11`. */
  readonly date: string
  /** Monday 1 … Sunday 7 (ISO 8601). */
  readonly weekday: number
}

/** Cached days by zone and UTC day: an instant is searched in the few that overlap its own. */
const cache = new Map<string, Map<number, LocalDay[]>>()
/** UTC days cached per zone: more than ten years. */
const cachedMax = 4_096
const utcDayMs = 86_400_000

/**
 * The local day that contains an instant.
 *
 * @param zone an IANA name such as `Europe/London`.
 * @throws InvalidArgumentError for an unknown zone.
 */
export function localDayOf(ms: EpochMs, zone: string): LocalDay {
  const utcDay = Math.floor(ms / utcDayMs)
  const known = cache
    .get(zone)
    ?.get(utcDay)
    ?.find((day) => day.startMs <= ms && ms < day.endMs)
  if (known) return known
  const bounds = localDayAt(ms, checkZone(zone))
  const day = { ...bounds, weekday: Temporal.PlainDate.from(bounds.date).dayOfWeek }
  const days = cache.get(zone) ?? new Map<number, LocalDay[]>()
  if (days.size >= cachedMax) days.clear()
  cache.set(zone, days.set(utcDay, [...(days.get(utcDay) ?? []), day]))
  return day
}

/** The local day of a date such as `2013-02-11`. */
export function localDayNamed(date: string, zone: string): LocalDay {
  const midnight = Temporal.PlainDate.from(date).toZonedDateTime(checkZone(zone))
  return localDayOf(midnight.epochMilliseconds, zone)
}

/** The day `count` calendar days later (earlier when negative). */
export function addDays(day: LocalDay, count: number, zone: string): LocalDay {
  return localDayNamed(Temporal.PlainDate.from(day.date).add({ days: count }).toString(), zone)
}

/**
 * The instant of a local wall-clock time without offset.
 *
 * @param disambiguation `compatible`: a skipped hour moves forward, and of a repeated hour the
 * first is used; `reject`: both throw a RangeError.
 */
export function localToEpochMs(
  stamp: string,
  zone: string,
  disambiguation: 'compatible' | 'reject' = 'compatible',
): EpochMs {
  const plain = Temporal.PlainDateTime.from(stamp.trim().replace(' ', 'T'))
  return plain.toZonedDateTime(checkZone(zone), { disambiguation }).epochMilliseconds
}

/** Starts of the intervals of `stepS` seconds in a range. */
export function intervalStarts(range: TimeRange, stepS: number): EpochMs[] {
  const stepMs = stepS * 1000
  const count = Math.ceil((range.endMs - range.startMs) / stepMs)
  return Array.from({ length: count }, (_, index) => range.startMs + index * stepMs)
}

/** ISO 8601 in UTC, to the millisecond. */
export function isoUtc(ms: EpochMs): string {
  return new Date(ms).toISOString()
}

const zones = new Set<string>()

function checkZone(zone: string): string {
  if (zones.has(zone)) return zone
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    // `Intl` reads BST as the time of Bangladesh; what IANA does not name is refused here.
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
  } catch {
    throw new TimeZoneError({ zone })
  }
  zones.add(zone)
  return zone
}
