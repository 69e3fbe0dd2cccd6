import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import type { JobsHarness } from '../../../schemas/conformance/jobs.ts'
import { openBullmqJobs } from '../../engines/jobs/bullmqJobs.ts'
import { testProgramArgs } from '../engineArgs.ts'

let opened = 0

/** Private queues on a store, for one run of the suite. */
export function jobsHarness(url: string, names: readonly string[]): JobsHarness {
  const prefix = `test-${process.pid}-${performance.now().toFixed(0)}-${opened++}`
  return {
    open: () =>
      openBullmqJobs({ url, names, prefix, lockMs: 2_000, backoffMs: 50, report: () => {} }),
    startWorker: async () => {
      const program = await testProgramArgs('deploy/testing/jobs/bullmqJobsWorker.ts')
      const handler = (await testProgramArgs('schemas/conformance/jobsHandler.ts')).at(-1)!
      const args = [...program, url, prefix, pathToFileURL(handler).href, ...names]
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    },
  }
}
