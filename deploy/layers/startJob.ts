import { type BatchJobName, readRecomputeData } from '../../batch/jobs/jobs.ts'
import { planDays, type RecomputeOptions } from '../../batch/recompute/planRun.ts'
import { jobFor } from '../../batch/schedule/nextJobs.ts'
import { noGeneration } from '../../schemas/generation.ts'
import type { Job, Jobs } from '../../schemas/ports/jobs.ts'
import type { Models } from '../../schemas/ports/models.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { readJobFacts } from './jobFacts.ts'

export type StartJobPorts = { readonly views: Views; readonly jobs: Jobs; readonly models: Models }

export type StartJobParameters = {
  readonly name: BatchJobName
  readonly highWaterMs: EpochMs
  readonly options: RecomputeOptions
}

export type StartJobReturnType = {
  /** Null when there is nothing to do. */
  readonly id: string | null
  readonly sentence: string
}

/**
 * Adds a batch job for a high-water mark, as `POST /api/v1/jobs` does. Repeating it adds no second
 * job. A published high-water mark is recomputed if days of it are dirty.
 */
export async function startJob(
  ports: StartJobPorts,
  { name, highWaterMs, options }: StartJobParameters,
): Promise<StartJobReturnType> {
  const { views, models } = ports
  const facts = await readJobFacts(views)
  const job = jobFor(facts, name, highWaterMs)
  if (name === 'train') return add(ports, job)
  const published = facts.published ?? noGeneration
  const highWater = isoUtc(highWaterMs)
  if (published.highWaterMs > highWaterMs) {
    const later = `generation ${published.generation} is complete up to a later high-water mark`
    return { id: null, sentence: `There is nothing to do up to ${highWater}: ${later}.` }
  }
  const data = readRecomputeData(job.data)
  const { isUnchanged } = await planDays({ views, models }, { data, options, published })
  if (!isUnchanged) return add(ports, job)
  const newest = `generation ${published.generation} has every reading`
  return { id: null, sentence: `There is nothing to do up to ${highWater}: ${newest}.` }
}

async function add({ jobs }: StartJobPorts, job: Job): Promise<StartJobReturnType> {
  await jobs.add(job)
  return { id: job.id, sentence: `The job ${job.id} waits for the batch layer.` }
}
