import type { Partition, Views } from '../../schemas/ports/views.ts'
import type { PartitionedRowSetName } from '../../schemas/sql/partitions.ts'

export type SweepRunsParameters = {
  /** The run that has just been published. */
  readonly run: bigint
  /** How long readers may use a generation after it was replaced. */
  readonly graceS: number
}

/**
 * Drops the rows of runs that no kept generation names: of days recomputed since, and of runs that
 * were killed or lost the race. Returns the number of dropped partitions.
 *
 * A generation is kept while it is the newest and for the grace time after that, because a reader
 * may have pinned it just before. A run with a later number than the published one may be in
 * progress. One with an earlier number followed an earlier generation, whose successor is
 * published: it can only fail.
 */
export async function sweepRuns(
  views: Views,
  { run: published, graceS }: SweepRunsParameters,
): Promise<number> {
  const stored = await views.query('stored_partitions')
  const rows = await views.query('kept_runs', { grace_s: graceS })
  const kept = new Set(rows.map(({ day, run }) => `${day} ${run}`))
  const unnamed = new Map<PartitionedRowSetName, Partition[]>()
  for (const { row_set: rowSet, partition } of stored) {
    const { day, run } = parsePartition(partition)
    if (run > published || kept.has(`${day} ${run}`)) continue
    const list = unnamed.get(rowSet) ?? []
    list.push(day === '' ? { run } : { day, run })
    unnamed.set(rowSet, list)
  }
  for (const [rowSet, partitions] of unnamed) await views.drop(rowSet, partitions)
  return [...unnamed.values()].reduce((sum, list) => sum + list.length, 0)
}

/** `('2013-02-10',17)` or `17`. */
function parsePartition(text: string): { day: string; run: bigint } {
  const [, day = '', run = text] = /^\('([\d-]+)',(\d+)\)$/.exec(text) ?? []
  return { day, run: BigInt(run) }
}
