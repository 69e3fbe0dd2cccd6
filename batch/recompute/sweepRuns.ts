import type { Partition, Views } from '../../schemas/ports/views.ts'
import type { PartitionedRowSetName } from '../../schemas/sql/rowSets.ts'

export type SweepRunsParameters = {
  /** The run that has just been published. */
  readonly run: bigint
  /** How long a reader may hold a generation that is not the newest any more. */
  readonly graceS: number
}

/**
 * Drops the rows of runs that no kept generation names: of days computed again since, and of runs
 * that were killed or came second. Returns how many partitions it dropped.
 *
 * A generation is kept while it is the newest and for the grace after that, as a reader may have
 * read the pointer just before it moved. A run with a later number than the published one may be
 * under way. One with an earlier number, under way or not, followed an earlier generation, whose
 * successor is published: it can only fail.
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
