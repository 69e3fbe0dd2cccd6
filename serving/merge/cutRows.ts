import type { CellRow } from './toCells.ts'

export type CutRowsParameters = {
  /** Up to one more than `limit`: that there is one says that some were left off. */
  readonly rows: readonly CellRow[]
  readonly limit: number
  /** The column the rows rise by; null for rows that come newest first or have no time. */
  readonly risingBy: string | null
}

export type CutRowsReturnType = {
  readonly rows: readonly CellRow[]
  readonly isTruncated: boolean
  /** Where the next page starts; null at the end or without a rising column. */
  readonly next: string | null
}

/**
 * At most `limit` rows. Of rows that rise in time whole instants are kept, so that the next page,
 * which starts at `next`, has none of them again and misses none.
 *
 * An instant with more rows than the limit cannot be cut so: its rows come without a `next`.
 */
export function cutRows({ rows, limit, risingBy }: CutRowsParameters): CutRowsReturnType {
  if (rows.length <= limit) return { rows, isTruncated: false, next: null }
  const kept = rows.slice(0, limit)
  if (risingBy === null) return { rows: kept, isTruncated: true, next: null }
  const next = String(rows[limit]![risingBy])
  const whole = kept.filter((row) => row[risingBy] !== next)
  if (whole.length === 0) return { rows: kept, isTruncated: true, next: null }
  return { rows: whole, isTruncated: true, next }
}
