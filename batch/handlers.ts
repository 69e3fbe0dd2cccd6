import { NotFoundError } from '../schemas/errors/wattproofError.ts'
import type { Job } from '../schemas/ports/jobs.ts'
import type { BatchPorts } from './batchPorts.ts'
import { readRecomputeData, readTrainData } from './jobs.ts'
import { type RecomputeOptions, recompute } from './recompute/recompute.ts'
import { trainAndRelease } from './release/trainAndRelease.ts'

export type BatchHandlers = {
  /** Does one job and returns its result as JSON has it. Idempotent. */
  handle(job: Job): Promise<unknown>
}

/**
 * What a worker runs. The module that workers import opens the ports, calls this, and exports
 * `handle`; it stands in `deploy/`, which alone knows where the stores are.
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
