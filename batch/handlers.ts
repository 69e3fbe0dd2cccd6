import { NotFoundError } from '../schemas/errors/wattproofError.ts'
import type { Job } from '../schemas/ports/jobs.ts'
import type { BatchPorts } from './jobs/batchPorts.ts'
import { readRecomputeData, readTrainData } from './jobs/jobs.ts'
import type { RecomputeOptions } from './recompute/planRun.ts'
import { recompute } from './recompute/recompute.ts'
import { trainAndRelease } from './release/trainAndRelease.ts'

export type BatchHandlers = {
  /** Runs one job and returns its result as JSON. Idempotent. */
  handle(job: Job): Promise<unknown>
}

/**
 * The handlers that a worker runs. The module that workers import opens the ports, calls this and
 * exports `handle`; it is in `deploy/`, the only room with the addresses of the stores.
 */
export function makeHandlers(ports: BatchPorts, options: RecomputeOptions = {}): BatchHandlers {
  return {
    async handle(job) {
      if (job.name === 'train') {
        return { models: await trainAndRelease(ports, readTrainData(job.data)) }
      }
      if (job.name === 'recompute') return recompute(ports, readRecomputeData(job.data), options)
      throw new NotFoundError('batch job', job.name)
    },
  }
}
