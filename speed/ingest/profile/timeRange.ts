/** A stamp that is a whole interval, such as `2024-01-15 00:00-00:30`, as those of its two ends. */
export type TimeRange = { readonly start: string; readonly end: string }

const half = String.raw` ?[ap]\.? ?m\.?`
const time = String.raw`\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:${half})?`
const joint = String.raw`\s*[-–—]\s*|\s+(?:to|until|till?|bis|tot|a|à|au|al|às)\s+`
const inOneCell = new RegExp(`^(.*\\d.*[\\sT])(${time})(${joint})(.*?)(${time})$`, 'i')
/** Behind a stamp this is an offset as well. */
const asOffset = /^\s?-$/
const likeOffset = /^(?:0\d|1[0-4]):[0-5]\d$/

type Split = TimeRange & { readonly isOffset: boolean; readonly minutes: readonly [number, number] }

export function splitRange(text: string): Split | null {
  const [, day, from, sign, otherDay, to] = inOneCell.exec(text) ?? []
  if (day === undefined || from === undefined || to === undefined) return null
  if (otherDay !== '' && !/^[\d./-]+[\sT]+$/.test(otherDay!)) return null
  const start = startWithHalf(from, to)
  // Behind one of two days, a half of the day is not that of the other.
  if (start === null || (start !== from && otherDay !== '')) return null
  return {
    start: `${day}${start}`,
    end: `${otherDay || day}${to}`,
    isOffset: otherDay === '' && asOffset.test(sign!) && likeOffset.test(to),
    minutes: [minutesOf(from), minutesOf(to)],
  }
}

const halfBehind = new RegExp(`${half}$`, 'i')

/**
 * A start with the half of the day that is written behind the end alone, or with the other half
 * where it would be later than its end: `1:00 - 2:00 PM` begins at 1 PM, `11:30 - 12:00 PM` at
 * 11:30 AM. Null where the half is behind the start alone, or its hour is one of 24.
 */
function startWithHalf(from: string, to: string): string | null {
  const [written] = halfBehind.exec(to) ?? []
  if (halfBehind.test(from)) return written === undefined ? null : from
  if (written === undefined) return from
  if (!/^(?:0?[1-9]|1[0-2])\D/.test(from)) return null
  if (minutesOfHalf(from) <= minutesOfHalf(to)) return `${from}${written}`
  return `${from}${written.replace(/[ap]/i, (letter) => otherHalf[letter]!)}`
}

const otherHalf: Readonly<Record<string, string>> = { a: 'p', p: 'a', A: 'P', P: 'A' }

/** Within a half of the day, which 12:00 begins. */
function minutesOfHalf(text: string): number {
  return minutesOf(text) % (12 * 60)
}

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(/[:.h]/).map((part) => Number.parseInt(part, 10))
  return hour * 60 + minute
}

/**
 * How the stamps of a file are cut in two, where they are whole intervals; null where they are not.
 *
 * `00:00-00:30` is an offset as well. What is behind the sign follows what is before it, at one
 * length, or is the same in all rows.
 */
export function findTimeRanges(
  texts: Iterable<string>,
): ((text: string) => TimeRange | null) | null {
  let count = 0
  const found: Split[] = []
  for (const text of texts) {
    count++
    const parts = splitRange(text)
    if (parts) found.push(parts)
  }
  if (found.length === 0 || found.length * 2 < count) return null
  const certain = found.filter(({ isOffset }) => !isOffset).length
  return certain * 2 > found.length || isOneLength(found) ? splitRange : null
}

const dayMin = 1440

/** Whether more texts are of one length than have one and the same text behind the sign. */
function isOneLength(found: readonly Split[]): boolean {
  const lengths = found.map(({ minutes: [from, to] }) => (to - from + dayMin) % dayMin)
  const ends = found.map(({ minutes: [, to] }) => to)
  return mostOf(lengths) > mostOf(ends)
}

function mostOf(numbers: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1)
  return Math.max(...counts.values())
}
