import type { LogRecord } from '../../schemas/logRecord.ts'
import { type ReadingColumns, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { TextColumn } from '../../schemas/sql/insertColumns.ts'
import { type Fleet, indexesOf } from './fleet.ts'
import { ranksOf } from './ranksOf.ts'

/** A record's columns, and which of its rows to take (1); null: all. */
export type TakenRows = {
  readonly record: Pick<LogRecord, 'position' | 'loggedMs'>
  readonly columns: ReadingColumns
  readonly keep: Uint8Array | null
}

/** Where the rows of some records go in one insert. */
export type Placed = {
  readonly rows: number
  readonly meter: TextColumn
  /** By record the place of each row; of a row that is not taken it means nothing. `[row]` */
  readonly places: readonly Uint32Array[]
}

/** Meter by meter in the order of the store, and of each meter in the order of the log. */
export function placeByMeter(taken: readonly TakenRows[], fleet: Fleet): Placed {
  // First, as new meters may join the fleet.
  const indexes = taken.map(({ columns }) => indexesOf(fleet, columns.roster))
  const ranks = ranksOf(fleet)
  const ranksOfRows = taken.map((each, at) => ranksOfRecord(each, indexes[at]!, ranks.ofMeter))
  const counts = new Uint32Array(fleet.names.length)
  taken.forEach(({ keep }, at) => {
    const own = ranksOfRows[at]!
    for (let row = 0; row < own.length; row++) if (keep?.[row] !== 0) counts[own[row]!]! += 1
  })
  const texts: string[] = []
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const places = new Uint32Array(rows)
  /** By rank, where the meter's next row goes. */
  const next = counts
  let at = 0
  for (let rank = 0; rank < counts.length; rank++) {
    const count = counts[rank]!
    next[rank] = at
    if (count === 0) continue
    places.fill(texts.push(fleet.names[ranks.meters[rank]!]!) - 1, at, at + count)
    at += count
  }
  // In place: of a row its meter's rank is not needed again.
  taken.forEach(({ keep }, record) => {
    const own = ranksOfRows[record]!
    for (let row = 0; row < own.length; row++) if (keep?.[row] !== 0) own[row] = next[own[row]!]!++
  })
  return { rows, meter: { texts, indexes: places }, places: ranksOfRows }
}

function ranksOfRecord(
  { columns }: TakenRows,
  indexes: Uint32Array,
  ranks: Uint32Array,
): Uint32Array {
  const own = new Uint32Array(columns.rows)
  const { meter } = columns
  for (let row = 0; row < own.length; row++) own[row] = ranks[indexes[valueAt(meter, row)]!]!
  return own
}
