import {
  meterAt,
  type ReadingColumns,
  startMsAt,
  valueAt,
} from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type Fleet, indexesOf, lastStartOf } from './fleet.ts'
import type { Interval } from './readWords.ts'

/** A record whose rows were judged: `fits` is null where all are intervals of their meters. */
export type JudgedRecord = {
  readonly columns: ReadingColumns
  /** 1: the row is an interval of its meter. `[row]` */
  readonly fits: Uint8Array | null
}

/** What has to be asked and compared in a chunk; all other rows are new words. */
export type ChunkPlan = {
  /** By record its rows that share their interval with another word; null: none. */
  readonly compared: readonly (readonly number[] | null)[]
  /** The intervals of which the store may have words. */
  readonly asked: readonly Interval[]
}

/**
 * Finds the rows that are not the first word about their interval, and keeps the latest starts of
 * the meters up to date. A row that starts after every word of its meter is the first.
 */
export function planChunk(fleet: Fleet, records: readonly JudgedRecord[]): ChunkPlan {
  fleet.chunk += 1
  const asked = new Map<string, Interval>()
  const overlapping = new Set<string>()
  for (const record of records) findOverlaps(fleet, record, { asked, overlapping })
  const compared = records.map((record) => {
    return overlapping.size === 0 ? null : rowsAmong(fleet, record, overlapping)
  })
  return { compared, asked: [...asked.values()] }
}

/** By keys of `WordIndex`. */
type Overlaps = { readonly asked: Map<string, Interval>; readonly overlapping: Set<string> }

function findOverlaps(
  fleet: Fleet,
  { columns, fits }: JudgedRecord,
  { asked, overlapping }: Overlaps,
): void {
  // First, as new meters may make the arrays longer.
  const indexes = indexesOf(fleet, columns.roster)
  const { chunk, lastStartMs, storedMs, seenIn, overlapsIn } = fleet
  const { rows } = columns
  for (let row = 0; row < rows; row++) {
    if (fits && fits[row] === 0) continue
    const meter = indexes[valueAt(columns.meter, row)]!
    const startMs = startMsAt(columns, row)
    if (seenIn[meter] !== chunk) {
      seenIn[meter] = chunk
      storedMs[meter] = lastStartOf(fleet, meter)
    }
    const lastMs = lastStartOf(fleet, meter)
    if (startMs > lastMs) {
      lastStartMs[meter] = startMs
      continue
    }
    overlapsIn[meter] = chunk
    const key = `${meterAt(columns, row)} ${startMs}`
    overlapping.add(key)
    if (startMs > storedMs[meter]!) continue
    const durationS = valueAt(columns.durationS, row)
    asked.set(key, { meter: meterAt(columns, row), startMs, durationS })
  }
}

/** The rows of a record whose intervals are among the overlapping ones. */
function rowsAmong(
  fleet: Fleet,
  { columns, fits }: JudgedRecord,
  overlapping: ReadonlySet<string>,
): number[] | null {
  const indexes = indexesOf(fleet, columns.roster)
  const found: number[] = []
  for (let row = 0; row < columns.rows; row++) {
    if (fits && fits[row] === 0) continue
    const meter = indexes[valueAt(columns.meter, row)]!
    if (fleet.overlapsIn[meter] !== fleet.chunk) continue
    if (overlapping.has(`${meterAt(columns, row)} ${startMsAt(columns, row)}`)) found.push(row)
  }
  return found.length > 0 ? found : null
}

/** First starts of meters that the fleet does not list and that have a row before what it knows. */
export function unlistedMeters(
  fleet: Fleet,
  records: readonly JudgedRecord[],
): ReadonlyMap<number, EpochMs> {
  const unlisted = new Map<number, EpochMs>()
  for (const { columns, fits } of records) {
    const indexes = indexesOf(fleet, columns.roster)
    for (let row = 0; row < columns.rows; row++) {
      const meter = indexes[valueAt(columns.meter, row)]!
      if (!Number.isNaN(fleet.lastStartMs[meter]!) || (fits && fits[row] === 0)) continue
      const startMs = startMsAt(columns, row)
      if (startMs >= fleet.listedFromMs) continue
      unlisted.set(meter, Math.min(startMs, unlisted.get(meter) ?? startMs))
    }
  }
  return unlisted
}
