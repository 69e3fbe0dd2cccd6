/** The parts of a date that a number format shows. */
export type DateKind = 'date' | 'time' | 'both'

/**
 * Whether a number format shows dates (ECMA-376, 18.8.30), by its number where the workbook does
 * not write it out.
 */
export function dateKindOf(id: number, format: string | undefined): DateKind | null {
  if (format !== undefined) return dateKindOfText(format)
  if (id === 22) return 'both'
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return 'time'
  const isDate = (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)
  return isDate ? 'date' : null
}

function dateKindOfText(format: string): DateKind | null {
  const [positive = ''] = format.split(';')
  const plain = positive
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  const hasTime = /[hs]/i.test(plain)
  const hasDate = /[yd]/i.test(plain) || (/m/i.test(plain) && !hasTime)
  if (/general/i.test(plain) || !(hasTime || hasDate)) return null
  if (hasTime && hasDate) return 'both'
  return hasTime ? 'time' : 'date'
}

const secondsOfDay = 86_400
/** Days from the day 0 of a workbook to 1970: 30 December 1899, or 1 January 1904. */
const epochDays = { 1900: 25_569, 1904: 24_107 }

/**
 * A number of days as local time without a zone, to the second: `2024-01-01 00:30:00`, a date alone
 * or a time alone, as its format shows it. Hours of a time may be 24 and more.
 */
export function dateText(serial: number, kind: DateKind, is1904: boolean): string | null {
  const seconds = Math.round(serial * secondsOfDay)
  const days = Math.floor(seconds / secondsOfDay)
  if (!(days >= 0 && days < 2_958_466)) return null
  if (kind === 'time') return clock(seconds)
  // The 1900 calendar has a 29 February that never was; days before it are one later.
  const leap = !is1904 && days < 60 ? 1 : 0
  const epoch = is1904 ? epochDays[1904] : epochDays[1900]
  const date = new Date((days + leap - epoch) * secondsOfDay * 1000).toISOString().slice(0, 10)
  const time = seconds - days * secondsOfDay
  return kind === 'date' && time === 0 ? date : `${date} ${clock(time)}`
}

function clock(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
