import { spawn } from 'node:child_process'
import path from 'node:path'
import type { JobsHarness } from '../../../schemas/conformance/jobs.ts'
import { openBullmqJobs } from '../../engines/jobs/bullmqJobs.ts'

let opened = 0

/** Private queues on a store, for one run of the suite. */
export function jobsHarness(url: string, names: readonly string[]): JobsHarness {
  const prefix = `test-${process.pid}-${performance.now().toFixed(0)}-${opened++}`
  return {
    open: () =>
      openBullmqJobs({ url, names, prefix, lockMs: 2_000, backoffMs: 50, report: () => {} }),
    startWorker: (module) => {
      const file = path.join(import.meta.dirname, 'bullmqJobsWorker.ts')
      const args = ['--import', 'tsx', file, url, prefix, module.href, ...names]
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    },
  }
}
