import type { LogProgress } from '../../schemas/ports/log.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** End of the log by partition, when the jobs of this id became due. */
export type Arrived = {
  readonly id: string
  readonly sinceMs: EpochMs
  readonly ends: ReadonlyMap<number, number>
}

/**
 * The log's end when a high-water mark became due. A job computes from the master data set, so it
 * waits until the archive has reached that end; the archive would hardly ever reach the current end
 * under steady ingest.
 *
 * @param known the previous note; ignored if it has another id. One from the future is of a clock
 * that was ahead: what is waited for since then is waited for since now.
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
  if (known?.id === id) return known.sinceMs <= sinceMs ? known : { ...known, sinceMs }
  return { id, sinceMs, ends: new Map(progress.map(({ partition, end }) => [partition, end])) }
}

export function isArchived({ ends }: Arrived, progress: readonly LogProgress[]): boolean {
  return progress.every(({ partition, committed }) => committed >= (ends.get(partition) ?? 0))
}
