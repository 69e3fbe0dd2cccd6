import type { EpochMs, TimeRange } from '../../../schemas/time.ts'

const hourMs = 3_600_000
/** Rows that the store looks at for the first part: about a tenth of a second of its CPU. */
const rowsAtOnce = 1_000_000
/** Each part is so much longer than the one before, so that few pages take more than two. */
const growth = 4

/** A part of the range; `after` is the page's in the first part, and none later. */
export type TimePart = { readonly range: TimeRange; readonly after: string; readonly limit: number }

export type ReadInTimeParameters = {
  readonly range: TimeRange
  /** `falling`: the newest rows come first. */
  readonly order: 'rising' | 'falling'
  readonly limit: number
  readonly after: string
  /** Rows of all meters in an hour. */
  readonly rowsAnHour: number
}

/**
 * The first rows of a page in order of time, part by part until there are enough, so that a page
 * of a million meters costs what it shows and not what its hours have; in one where that is little.
 *
 * @param read rows that start within a part, in the order of the page.
 */
export async function readInTime<Row>(
  { range, order, limit, after, rowsAnHour }: ReadInTimeParameters,
  read: (part: TimePart) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = []
  let left = range
  let partMs: EpochMs = Math.ceil((rowsAtOnce / rowsAnHour) * hourMs)
  do {
    const own = order === 'rising' ? firstOf(left, partMs) : lastOf(left, partMs)
    const isFirst = left === range
    const asked = { range: own, after: isFirst ? after : '', limit: limit - rows.length }
    for (const row of await read(asked)) rows.push(row)
    if (order === 'rising') left = { startMs: own.endMs, endMs: left.endMs }
    else left = { startMs: left.startMs, endMs: own.startMs }
    partMs *= growth
  } while (rows.length < limit && left.startMs < left.endMs)
  return rows
}

function firstOf({ startMs, endMs }: TimeRange, partMs: number): TimeRange {
  return { startMs, endMs: Math.min(endMs, startMs + partMs) }
}

function lastOf({ startMs, endMs }: TimeRange, partMs: number): TimeRange {
  return { startMs: Math.max(startMs, endMs - partMs), endMs }
}
