import { withoutUnit } from './readUnit.ts'

const dayMin = 1440

/**
 * Minutes since midnight that the names of columns say, or null where a name says none: 0:30,
 * 00:30:00, 00h30, 12:30 AM, 00:30 Uhr, 00:30-01:00 (its start), with a unit behind or not; and
 * 0030, where the names of four digits are a whole day in equal steps, or a row is said to be one.
 */
export function minutesNamed(
  header: readonly string[],
  isSaidDay = false,
): readonly (number | null)[] {
  const minutes = header.map(minuteNamed)
  const digits = header.map(minuteOfDigits)
  if (!isSaidDay && !isWholeDay(digits)) return minutes
  return minutes.map((minute, at) => minute ?? digits[at] ?? null)
}

/**
 * Minutes since midnight of the columns that are counted, such as HH1 to HH48 or 1 to 24: as many
 * as divide a day. A counter says no time by itself, so somebody has to say that a row is a day.
 */
export function minutesCounted(header: readonly string[]): readonly (number | null)[] {
  const counted = countedNames(header)
  const stepMin = dayMin / counted.length
  const isDay = counted.length >= 4 && Number.isInteger(stepMin)
  return header.map((name) => {
    const place = isDay ? counted.indexOf(name) : -1
    return place < 0 ? null : place * stepMin
  })
}

/** The names that are one word with the numbers from 0 or 1 on behind it, in their order. */
export function countedNames(header: readonly string[]): readonly string[] {
  const byWord = new Map<string, { name: string; number: number }[]>()
  for (const name of header) {
    const match = /^(.*?)0*(\d{1,3})$/.exec(withoutUnit(name))
    if (!match) continue
    const word = match[1]!.trim().toLowerCase()
    byWord.set(word, [...(byWord.get(word) ?? []), { name, number: Number(match[2]) }])
  }
  const runs = [...byWord.values()].filter((run) => {
    const [first] = run
    return first!.number <= 1 && run.every(({ number }, at) => number === first!.number + at)
  })
  const longest = runs.reduce((most, run) => (run.length > most.length ? run : most), [])
  return longest.map(({ name }) => name)
}

const time = String.raw`(\d{1,2})(?:[:h](\d\d)(?::00)?|h)`
const oneTime = new RegExp(`^${time} ?([ap]\\.?m\\.?)?(?: ?uhr)?$`, 'i')
const interval = new RegExp(`^${time} ?([ap]\\.?m\\.?)? ?(?:-|–|to|bis) ?${time}$`, 'i')

function minuteNamed(name: string): number | null {
  const bare = withoutUnit(name).replace(/[\s_]*[kKM]?[wW][hH]?$/, '')
  const match = oneTime.exec(bare) ?? interval.exec(bare)
  if (!match) return null
  const [, hourText = '', minuteText = '0', half] = match
  const hour = half === undefined ? Number(hourText) : hourOfHalf(Number(hourText), half)
  const minute = Number(minuteText)
  return hour > 24 || minute > 59 ? null : hour * 60 + minute
}

/** 12 AM is midnight, and 12 PM noon. */
function hourOfHalf(hour: number, half: string): number {
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0)
}

function minuteOfDigits(name: string): number | null {
  const match = /^([01]\d|2[0-4])([0-5]\d)$/.exec(withoutUnit(name))
  return match ? Number(match[1]) * 60 + Number(match[2]) : null
}

/** From midnight on, or from the end of the first interval to midnight. */
function isWholeDay(minutes: readonly (number | null)[]): boolean {
  const named = minutes.filter((minute) => minute !== null)
  const [first = 0, second = 0] = named
  const step = second - first
  const isEven = named.every(
    (minute, at) => (minute || (at > 0 ? dayMin : 0)) === first + at * step,
  )
  return step > 0 && isEven && named.length * step === dayMin && (first === 0 || first === step)
}

/** A name with a time of the day in it that is none, such as 02:00A, 02:00* or 25:00. */
export function resemblesTime(name: string): boolean {
  return /^\D{0,3}\d{1,2}[:h]\d\d/.test(name.trim())
}
