/** A stamp that is a whole interval, such as `2024-01-15 00:00-00:30`, as those of its two ends. */
export type TimeRange = { readonly start: string; readonly end: string }

const time = String.raw`\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?: ?[ap]\.? ?m\.?)?`
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
  return {
    start: `${day}${from}`,
    end: `${otherDay || day}${to}`,
    isOffset: otherDay === '' && asOffset.test(sign!) && likeOffset.test(to),
    minutes: [minutesOf(from), minutesOf(to)],
  }
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
