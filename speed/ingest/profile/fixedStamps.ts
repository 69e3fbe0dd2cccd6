import type { Stamp } from './stamp.ts'

const isoDate = String.raw`(\d{4})-(\d\d)-(\d\d)`
const isoTime = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`
const isoOffset = String.raw`(Z|[+-]\d\d(?::?\d\d)?)`
const iso = new RegExp(`^${isoDate}(?:[T ]${isoTime})? ?${isoOffset}?$`, 'i')
const offsetMsMax = 18 * 3_600_000

/** Days since 30 December 1899, as Excel counts them: local time of 1970 to 2099, to the second. */
export function readExcelDays(text: string): Stamp | null {
  if (!/^\d{5}(?:[.,]\d+)?$/.test(text)) return null
  const seconds = Math.round((Number(text.replace(',', '.')) - excelDaysTo1970) * 86_400)
  const isNear = seconds >= 0 && seconds < 130 * 366 * 86_400
  return isNear ? { wallMs: seconds * 1000, offsetMs: null } : null
}

const excelDaysTo1970 = 25_569

export function utc(ms: number): Stamp {
  return { wallMs: ms, offsetMs: 0 }
}

export function readIso(text: string): Stamp | null {
  const match = iso.exec(text)
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const fraction = (match[7] ?? '').padEnd(9, '0')
  const isMidnight = hour === 24 && minute === 0 && second === 0
  const isTime = isMidnight || (hour < 24 && minute < 60 && second < 60)
  const dayMs = Date.UTC(year, month - 1, day)
  const isReal = year >= 1970 && isTime && new Date(dayMs).getUTCDate() === day && month <= 12
  if (!isReal || month < 1 || Number(fraction.slice(3)) !== 0) return null
  const ms = Number(fraction.slice(0, 3))
  const wallMs = dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + ms
  const offset = match[8]
  if (offset === undefined) return { wallMs, offsetMs: null }
  const offsetMs = readOffset(offset)
  return Math.abs(offsetMs) <= offsetMsMax ? { wallMs, offsetMs } : null
}

function readOffset(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0
  const digits = offset.slice(1).replace(':', '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000
}
