import { makeHandlers } from '../../batch/handlers.ts'
import type { Job } from '../../schemas/ports/jobs.ts'
import { openClock, openInference, openModels, openViews } from '../engines/ports.ts'
import { readConfig } from '../installation/config.ts'

/** The module of job processes: it opens its own ports from its own environment. */
const config = readConfig()
const ports = {
  views: await openViews(config),
  models: openModels(config),
  inference: openInference(),
  clock: openClock(config),
}
const handlers = makeHandlers(ports, { deviation: { bandWh: config.bandWh } })

export function handle(job: Job): Promise<unknown> {
  return handlers.handle(job)
}
