import type { Jobs } from '../schemas/ports/jobs.ts'
import type { JoinOptions } from '../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import {
  type ArchiveOptions,
  type ArchivePorts,
  archiveGroup,
  epochOf,
} from './archive/archiving.ts'
import { runArchive } from './archive/runArchive.ts'
import { batchJobNames } from './jobs/jobs.ts'

export type RunBatchParameters = Omit<ArchivePorts, 'membership'> & {
  /** Which of the processes of the layer this is, and how long it may be silent. */
  readonly member: Pick<JoinOptions, 'name' | 'leaseMs'>
  readonly jobs: Jobs
  /** Imported by the workers; exports `handle(job)`, see `handlers.ts`. */
  readonly module: URL
  readonly archive?: ArchiveOptions
  readonly signal: AbortSignal
}

export type RunBatchReturnType = {
  /**
   * Resolves when the signal has aborted and the loop has ended; rejects on a permanent error.
   */
  readonly finished: Promise<void>
  /** One process of the layer leads: it alone asks for jobs. */
  isLeading(): boolean
}

/**
 * The batch layer: the archive's loop in this process, training and recomputation in workers. Its
 * processes share the partitions; each job is taken by one of them.
 */
export async function runBatch(parameters: RunBatchParameters): Promise<RunBatchReturnType> {
  const { jobs, module, signal, log, views, clock, member, archive = {} } = parameters
  const topics = [readingsTopic, rejectedTopic]
  const membership = await log.join(archiveGroup, { topics, ...member })
  await jobs.work({ names: batchJobNames, module })
  const first = { topic: readingsTopic, partition: 0 }
  return {
    finished: runArchive({ log, views, clock, membership }, { ...archive, signal }),
    isLeading: () => epochOf(membership.assigned(), first) !== null,
  }
}
