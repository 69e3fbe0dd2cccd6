import { invariant } from '../../../schemas/errors/wattproofError.ts'
import type { JobProcesses } from '../../../schemas/ports/jobs.ts'
import { type HandlerProcess, makeHandlerProcess } from './handlerProcess.ts'

/**
 * Processes that run one job each at a time. One that dies makes its job fail. All end with the
 * process that started them.
 *
 * @param module exports `handle(job)`, as workers of jobs import it.
 */
export function makeProcessPool(count: number, module: URL): JobProcesses {
  const all = Array.from({ length: count }, () => makeHandlerProcess(module))
  const free: HandlerProcess[] = [...all]
  return {
    count,
    async run(job) {
      const process = free.pop()
      invariant(process !== undefined, 'A process gets one job at a time.')
      try {
        return await process.run(job)
      } finally {
        free.push(process)
      }
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()))
    },
  }
}
