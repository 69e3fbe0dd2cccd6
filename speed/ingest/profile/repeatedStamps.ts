import { StampsRepeatedError } from '../../../schemas/errors/profile.ts'
import type { Cell } from './cellsOfRows.ts'
import type { Columns } from './findColumns.ts'
import type { ProfiledReading } from './reading.ts'
import type { Summary } from './summarize.ts'

export type RepeatedSeries = {
  readonly readings: readonly ProfiledReading[]
  readonly summary: Summary
  readonly columns: Columns
  readonly header: readonly string[]
  readonly cells: readonly Cell[]
}

/** For each interval of a meter, the lines with a value for it. */
type Intervals = readonly (readonly number[])[]

/** So many rows are no correction of some. */
const repeatedMin = 12
const halfDayS = 43_200

/**
 * Refuses a series of which nearly every interval is said more than once, with other values: part
 * of its stamp, or of what it measures, is not read. A column that tells the lines apart is named.
 * A whole set of rows that comes again below, restated, is no such series.
 *
 * @throws StampsRepeatedError
 */
export function refuseRepeats({ readings, summary, ...table }: RepeatedSeries): void {
  const conflicts = new Map<string, number>()
  for (const { meter } of summary.conflicts) conflicts.set(meter, (conflicts.get(meter) ?? 0) + 1)
  for (const [meter, count] of conflicts) {
    const intervals = intervalsOf(readings.filter((each) => each.meter === meter))
    const shared = intervals.filter(({ length }) => length > 1)
    const rows = shared.reduce((sum, { length }) => sum + length, 0)
    const all = intervals.reduce((sum, { length }) => sum + length, 0)
    if (rows * 10 < all * 9 || count * 2 < shared.length) continue
    // One interval alone may be corrected.
    if (count < 2 && rows < repeatedMin) continue
    const column = columnApart(shared, table)
    const { stepS = null } = summary.series.find((each) => each.meter === meter) ?? {}
    const isMeant = column === null && (rows < repeatedMin || isSetAgain(shared, stepS))
    if (!isMeant) throw new StampsRepeatedError({ meter, lines: shared[0]!, column })
  }
}

function intervalsOf(readings: readonly ProfiledReading[]): Intervals {
  const byStart = new Map<number, number[]>()
  for (const { startMs, line } of readings) {
    const lines = byStart.get(startMs)
    if (lines) lines.push(line)
    else byStart.set(startMs, [line])
  }
  return [...byStart.values()]
}

/** Two rows an interval, which are neither neighbours nor half a day of rows apart. */
function isSetAgain(shared: Intervals, stepS: number | null): boolean {
  if (shared.some(({ length }) => length > 2)) return false
  const apart = shared.map(([first = 0, second = 0]) => second - first)
  // Without am and pm, each stamp is there again half a day of rows below.
  const isTwelveHours = apart.every((lines) => lines * (stepS ?? 0) === halfDayS)
  const neighbours = apart.filter((lines) => lines === 1).length
  return !isTwelveHours && neighbours * 10 < apart.length * 9
}

type TableOfSeries = Pick<RepeatedSeries, 'columns' | 'header' | 'cells'>

/**
 * The column that is not read, or says the direction, and has another word in each line of an
 * interval, and no more words than an interval has lines: a number of the row tells all rows apart,
 * and no two series.
 */
function columnApart(shared: Intervals, { columns, header, cells }: TableOfSeries): string | null {
  const lines = new Set(shared.flat())
  const rows = new Map<number, readonly string[]>()
  for (const { row } of cells) if (lines.has(row.line)) rows.set(row.line, row.cells)
  const most = shared.reduce((max, { length }) => Math.max(max, length), 0)
  const read = new Set([...Object.values(columns.at), ...columns.values.map(({ at }) => at)])
  // Two words for one direction, such as those of the day's and the night's register.
  if (columns.at.flow !== undefined) read.delete(columns.at.flow)
  const wordsOf = (of: readonly number[], at: number) => {
    return new Set(of.map((line) => rows.get(line)?.[at]?.trim() ?? ''))
  }
  const found = header.findIndex((_, at) => {
    if (read.has(at) || wordsOf(shared[0]!, at).size < 2) return false
    if (wordsOf([...lines], at).size > most) return false
    return shared.every((interval) => wordsOf(interval, at).size === interval.length)
  })
  return found < 0 ? null : (header[found] ?? '').trim()
}
