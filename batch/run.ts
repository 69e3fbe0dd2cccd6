import type { Jobs } from '../schemas/ports/jobs.ts'
import { addCounters, emptyCounters, type IngestCounters } from '../schemas/reading.ts'
import { type ArchiveOptions, type ArchivePorts, runArchive } from './archive/runArchive.ts'
import { batchJobNames } from './jobs.ts'

export type RunBatchParameters = ArchivePorts & {
  readonly jobs: Jobs
  /** Imported by the workers; exports `handle(job)`, see `handlers.ts`. */
  readonly module: URL
  readonly archive?: ArchiveOptions
  readonly signal: AbortSignal
}

export type BatchStatus = {
  /** Since this process started; totals of all time are in the views. */
  readonly counters: IngestCounters
  readonly batches: number
  readonly retries: number
  /** First offset not yet archived, by `topic/partition`. */
  readonly nextOffsets: Readonly<Record<string, number>>
  readonly lastRetry: string | null
}

export type BatchRun = {
  /** Resolves when the signal has aborted and the loop has ended; rejects on a permanent error. */
  readonly finished: Promise<void>
  status(): BatchStatus
}

/** The batch layer: the archive's loop in this process, training and recomputation in workers. */
export async function runBatch(parameters: RunBatchParameters): Promise<BatchRun> {
  const { jobs, module, signal, log, views, clock, archive = {} } = parameters
  let status: BatchStatus = {
    counters: emptyCounters,
    batches: 0,
    retries: 0,
    nextOffsets: {},
    lastRetry: null,
  }
  await jobs.work({ names: batchJobNames, module })
  const finished = runArchive(
    { log, views, clock },
    {
      ...archive,
      signal,
      onBatch: (batch) => {
        const place = `${batch.topic}/${batch.partition}`
        status = {
          ...status,
          counters: addCounters(status.counters, batch.counters),
          batches: status.batches + 1,
          nextOffsets: { ...status.nextOffsets, [place]: batch.nextOffset },
        }
        archive.onBatch?.(batch)
      },
      onRetry: (error) => {
        status = { ...status, retries: status.retries + 1, lastRetry: error.message }
        archive.onRetry?.(error)
      },
    },
  )
  return { finished, status: () => status }
}
