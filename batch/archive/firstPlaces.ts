import type { InsertColumns } from '../../schemas/sql/insertColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** Midnight is at a quarter of an hour in every zone, and a replay starts at one. */
const quarterMs = 900_000

/**
 * Rows for the quarters of an hour of which a block has the first word: its smallest offset.
 *
 * Offsets rise from block to block, so that of each quarter one row is enough; after a start of the
 * archive they are written again, and the smallest counts.
 *
 * @param readings of one partition, in any order.
 * @param placed quarters that are written already.
 */
export function firstPlaces(
  { rows, columns }: InsertColumns<'readings'>,
  placed: ReadonlySet<EpochMs>,
): InsertRow<'first_places'>[] {
  const { start, log_offset: offset, log_partition: partition } = columns
  const at = (column: ArrayLike<number | bigint>, row: number) => {
    return Number(column[column.length === 1 ? 0 : row])
  }
  const first = new Map<EpochMs, number>()
  for (let row = 0; row < rows; row++) {
    const quarter = Math.floor(at(start, row) / quarterMs) * quarterMs
    const own = at(offset, row)
    const known = first.get(quarter)
    if (known === undefined ? !placed.has(quarter) : own < known) first.set(quarter, own)
  }
  const log_partition = at(partition, 0)
  return Array.from(first, ([quarter, log_offset]) => ({ log_partition, quarter, log_offset }))
}
