import type { CellRow } from './toCells.ts'

export type CutRowsParameters = {
  /** Up to one more than `limit`, which shows that rows were left off. */
  readonly rows: readonly CellRow[]
  readonly limit: number
  /** The ascending column; null for rows that come newest first or have no time. */
  readonly risingBy: string | null
}

export type CutRowsReturnType = {
  readonly rows: readonly CellRow[]
  readonly isTruncated: boolean
  /** Start of the next page; null at the end or without an ascending column. */
  readonly next: string | null
}

/**
 * At most `limit` rows. Rows ascending in time are cut between instants, so that the next page,
 * which starts at `next`, neither repeats nor misses any.
 *
 * An instant with more rows than the limit cannot be cut: its rows come without a `next`.
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
