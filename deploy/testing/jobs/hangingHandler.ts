import { setTimeout as sleep } from 'node:timers/promises'
import { JobProcessKilledError } from '../../../schemas/errors/job.ts'
import { NotFoundError, RetryableError } from '../../../schemas/errors/wattproofError.ts'
import type { Job } from '../../../schemas/ports/jobs.ts'

/**
 * Jobs that hang, only seem to, fail or are refused. Any other name, such as that of the task of a
 * shard, is a deadlock.
 */
export async function handle({ name, data }: Job): Promise<unknown> {
  const ms = Number(data.ms ?? 600_000)
  if (name === 'pid') return process.pid
  if (name === 'lose-shard') throw new JobProcessKilledError({ job: 'part', signal: 'SIGKILL' })
  if (name === 'refuse') throw new NotFoundError('batch job', name)
  if (name === 'fail') throw new RetryableError('The store is down.')
  if (name === 'wait') await sleep(ms)
  else if (name === 'compute') compute(ms)
  else if (name !== 'answer') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  return 'done'
}

function compute(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
