import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeHandlers, makeShards } from '../../batch/handlers.ts'
import type { Job } from '../../schemas/ports/jobs.ts'
import { makeProcessPool } from '../engines/jobs/processPool.ts'
import { openClock, openInference, openModels, openViews } from '../engines/ports.ts'
import { readConfig } from '../installation/config.ts'
import { programFile } from '../process/runtime.ts'

/** The module of job processes: it opens its own ports from its own environment. */
const config = readConfig()
const ports = {
  views: await openViews(config),
  models: openModels(config),
  inference: openInference(),
  clock: openClock(config),
}
const module = pathToFileURL(programFile(path.join(import.meta.dirname, 'batchWorker.ts')))
const handlers = makeHandlers(ports, {
  deviation: { bandWh: config.bandWh },
  shards: config.shards > 1 ? makeShards(makeProcessPool(config.shards, module)) : undefined,
})

export function handle(job: Job): Promise<unknown> {
  return handlers.handle(job)
}
