import { metersTaskName } from '../../../batch/handlers.ts'
import type { MetersDone } from '../../../batch/recompute/metersTask.ts'
import type { Shards } from '../../../batch/recompute/recomputeDays.ts'
import { invariant } from '../../../schemas/errors/wattproofError.ts'
import { type HandlerProcess, makeHandlerProcess } from './handlerProcess.ts'

/**
 * Processes for the tasks of one recompute; each computes one task at a time. One that dies makes
 * its task fail, and so the run. All end with the process that started them.
 *
 * @param module exports `handle(job)`, as workers of jobs import it.
 */
export function makeShardProcesses(count: number, module: URL): Shards {
  const all = Array.from({ length: count }, () => makeHandlerProcess(module))
  const free: HandlerProcess[] = [...all]
  let tasks = 0
  return {
    count,
    async run(task) {
      const process = free.pop()
      invariant(process !== undefined, 'A shard gets one task at a time.')
      tasks += 1
      const job = { name: metersTaskName, id: `${task.run}-${tasks}`, data: { task } }
      try {
        return (await process.run(job)) as MetersDone
      } finally {
        free.push(process)
      }
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()))
    },
  }
}
