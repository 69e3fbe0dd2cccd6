import type { LogProgress } from '../../schemas/ports/log.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** Where the log ended, by partition, when the jobs of this id were first found due. */
export type Arrived = {
  readonly id: string
  readonly sinceMs: EpochMs
  readonly ends: ReadonlyMap<number, number>
}

/**
 * What had arrived when a mark was first found due. A job computes from the master data set, so it
 * waits until the archive has reached that; not the log's end as it is now, which under steady
 * ingest it hardly ever reaches.
 *
 * @param known what was noted before; of another id it is forgotten.
 */
export function noteArrived(
  known: Arrived | null,
  found: {
    readonly id: string
    readonly nowMs: EpochMs
    readonly progress: readonly LogProgress[]
  },
): Arrived {
  const { id, nowMs: sinceMs, progress } = found
  if (known?.id === id) return known
  return { id, sinceMs, ends: new Map(progress.map(({ partition, end }) => [partition, end])) }
}

export function isArchived({ ends }: Arrived, progress: readonly LogProgress[]): boolean {
  return progress.every(({ partition, committed }) => committed >= (ends.get(partition) ?? 0))
}
