import type { Jobs } from '../schemas/ports/jobs.ts'
import type { ArchiveOptions, ArchivePorts } from './archive/archiving.ts'
import { runArchive } from './archive/runArchive.ts'
import { batchJobNames } from './jobs/jobs.ts'

export type RunBatchParameters = ArchivePorts & {
  readonly jobs: Jobs
  /** Imported by the workers; exports `handle(job)`, see `handlers.ts`. */
  readonly module: URL
  readonly archive?: ArchiveOptions
  readonly signal: AbortSignal
}

/**
 * The batch layer: the archive's loop in this process, training and recomputation in workers.
 *
 * @returns `finished` resolves when the signal has aborted and the loop has ended; it rejects on a
 *   permanent error.
 */
export async function runBatch(
  parameters: RunBatchParameters,
): Promise<{ readonly finished: Promise<void> }> {
  const { jobs, module, signal, log, views, clock, archive = {} } = parameters
  await jobs.work({ names: batchJobNames, module })
  return { finished: runArchive({ log, views, clock }, { ...archive, signal }) }
}
