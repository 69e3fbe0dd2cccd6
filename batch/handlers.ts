import { NotFoundError } from '../schemas/errors/wattproofError.ts'
import type { Job, JobProcesses } from '../schemas/ports/jobs.ts'
import type { BatchPorts } from './jobs/batchPorts.ts'
import { readRecomputeData, readTrainData } from './jobs/jobs.ts'
import { computeMeters } from './recompute/computeMeters.ts'
import type { MetersDone, MetersTask } from './recompute/metersTask.ts'
import { openForecasters, type RecomputeOptions } from './recompute/planRun.ts'
import { recompute } from './recompute/recompute.ts'
import type { Shards } from './recompute/recomputeDays.ts'
import type { Forecaster } from './release/openForecaster.ts'
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
  const compute = createTaskHandler(ports)
  return {
    async handle(job) {
      if (job.name === 'train') {
        return { models: await trainAndRelease(ports, readTrainData(job.data)) }
      }
      if (job.name === 'recompute') return recompute(ports, readRecomputeData(job.data), options)
      if (job.name === metersTaskName) return compute(job.data.task as MetersTask)
      throw new NotFoundError('batch job', job.name)
    },
  }
}

/** What a shard of a recompute does; it is not a job of the queue. */
const metersTaskName = 'compute-meters'

/** Shards of one recompute: a task is a job of a process that runs `makeHandlers`, too. */
export function makeShards({ count, run, stop }: JobProcesses): Shards {
  let tasks = 0
  return {
    count,
    stop,
    run: async (task) => {
      tasks += 1
      const job = { name: metersTaskName, id: `${task.run}-${tasks}`, data: { task } }
      return (await run(job)) as MetersDone
    },
  }
}

/** Models are opened once for all tasks of a process. */
function createTaskHandler(ports: BatchPorts): (task: MetersTask) => Promise<MetersDone> {
  let opened: { key: string; forecasters: Promise<ReadonlyMap<number, Forecaster>> } | null = null
  return async (task) => {
    const key = JSON.stringify(task.inputs.models)
    if (opened?.key !== key) opened = { key, forecasters: openForecasters(ports, task.inputs) }
    return computeMeters({ views: ports.views, forecasters: await opened.forecasters }, task)
  }
}
