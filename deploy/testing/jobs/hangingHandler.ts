import { setTimeout as sleep } from 'node:timers/promises'
import { JobProcessKilledError } from '../../../schemas/errors/job.ts'
import type { Job } from '../../../schemas/ports/jobs.ts'

/** Jobs that hang or only seem to; any other name, as that of a shard's task, is a deadlock. */
export async function handle({ name, data }: Job): Promise<unknown> {
  const ms = Number(data.ms ?? 600_000)
  if (name === 'pid') return process.pid
  if (name === 'lose-shard') throw new JobProcessKilledError({ job: 'part', signal: 'SIGKILL' })
  if (name === 'wait') await sleep(ms)
  else if (name === 'compute') compute(ms)
  else if (name !== 'answer') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  return 'done'
}

function compute(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
