import type { EpochMs } from '../../schemas/time.ts'
import { type Refusal, refuse } from './refusal.ts'

/** An instant, or why the timestamp is invalid. */
export type InstantOutcome = EpochMs | Refusal

const date = String.raw`(\d{4})-(\d\d)-(\d\d)`
const time = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`
const offsetPattern = String.raw`(Z|[+-]\d\d(?::?\d\d)?)`
const pattern = new RegExp(`^${date}(?:[T ]${time})? ?${offsetPattern}?$`, 'i')
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const rememberedMax = 4096
/** No stamp is as long; what is no stamp need not be remembered. */
const rememberedCharsMax = 40
const offsetHoursMax = 18

/**
 * A parser of ISO 8601 timestamps; one without an offset is taken as UTC (`body/tidyRows.ts` places
 * those of other zones).
 *
 * Timestamps repeat, so the last few are cached.
 */
export function createInstantReader(): (text: string) => InstantOutcome {
  const remembered = new Map<string, InstantOutcome>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    if (remembered.size >= rememberedMax) remembered.clear()
    const outcome = readInstant(text)
    if (text.length > rememberedCharsMax) return outcome
    remembered.set(text, outcome)
    return outcome
  }
}

/** Whether a timestamp is on the clock of a zone that it does not say. */
export function isLocalStamp(text: string): boolean {
  // Nearly all that programs send, without the pattern.
  if (text.endsWith('Z')) return false
  const match = pattern.exec(text)
  return match !== null && match[8] === undefined
}

function readInstant(text: string): InstantOutcome {
  const match = pattern.exec(text)
  if (!match) return refuse('not-iso-8601', { text })
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const fraction = (match[7] ?? '').padEnd(9, '0')
  if (Number(fraction.slice(3)) !== 0) return refuse('finer-than-ms', { text })
  const isReal = year >= 1970 && isDate(year, month, day) && hour < 24 && minute < 60 && second < 60
  if (!isReal) return refuse('not-in-calendar', { text })
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3)))
  const offset = match[8]
  if (offset !== undefined) {
    const ms = offsetMs(offset)
    const isOfZone = Math.abs(ms) <= offsetHoursMax * 3_600_000
    return isOfZone ? wallMs - ms : refuse('offset-too-large', { text, hoursMax: offsetHoursMax })
  }
  return wallMs
}

function isDate(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && !isLeap ? 28 : (daysOfMonth[month - 1] ?? 0)
  return day >= 1 && day <= days
}

function offsetMs(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0
  const digits = offset.slice(1).replace(':', '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000
}
