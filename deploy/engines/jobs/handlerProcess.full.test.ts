import { expect, test } from 'vitest'
import {
  FailedInJobError,
  JobProcessKilledError,
  RefusedInJobError,
} from '../../../schemas/errors/job.ts'
import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { listDescendants } from '../../process/threadState.ts'
import { makeHandlerProcess } from './handlerProcess.ts'
import { makeProcessPool } from './processPool.ts'

/** Real processes with jobs that hang in each way; side by side, since most of it is waiting. */
const module = new URL('../../testing/jobs/hangingHandler.ts', import.meta.url)
const job = (name: string, data = {}) => ({ name, id: name, data })

test.concurrent('a deadlocked job fails with the reason, and the next one runs', async ({
  expect,
}) => {
  const handler = makeHandlerProcess(module)
  const hung = handler.run(job('deadlock'))
  await expect(hung).rejects.toThrow(/^The process of deadlock ended: no sign of life for \d+ s\.$/)
  await expect(hung).rejects.toThrow(RetryableError)
  expect(await handler.run(job('answer'))).toBe('done')
  await handler.stop()
}, 120_000)

test.concurrent('so is one that a signal stopped, with and without a job', async ({ expect }) => {
  const handler = makeHandlerProcess(module)
  const pid = Number(await handler.run(job('pid')))
  const waits = handler.run(job('wait'))
  process.kill(pid, 'SIGSTOP')
  await expect(waits).rejects.toThrow(/^The process of wait ended: it was stopped for \d+ s\.$/)
  const idle = Number(await handler.run(job('pid')))
  expect(idle).not.toBe(pid)
  process.kill(idle, 'SIGSTOP')
  await expect.poll(() => listDescendants(process.pid), { timeout: 60_000 }).not.toContain(idle)
  expect(await handler.run(job('answer'))).toBe('done')
  await handler.stop()
}, 120_000)

test.concurrent('one that somebody kills, or whose shard, says so', async ({ expect }) => {
  const handler = makeHandlerProcess(module)
  const pid = Number(await handler.run(job('pid')))
  const waits = handler.run(job('wait'))
  process.kill(pid, 'SIGKILL')
  await expect(waits).rejects.toThrow(JobProcessKilledError)
  await expect(handler.run(job('lose-shard'))).rejects.toThrow(
    'The process of a shard of lose-shard was killed (SIGKILL).',
  )
  await handler.stop()
}, 120_000)

test.concurrent('a refusal keeps its class and kind, and is final', async ({ expect }) => {
  const handler = makeHandlerProcess(module)
  const refused = handler.run(job('refuse'))
  await expect(refused).rejects.toBeInstanceOf(RefusedInJobError)
  await expect(refused).rejects.toMatchObject({
    message: 'There is no batch job named refuse.',
    kind: 'not-found',
    details: { job: 'refuse', error: 'NotFoundError' },
  })
  const failed = handler.run(job('fail'))
  await expect(failed).rejects.toBeInstanceOf(FailedInJobError)
  await expect(failed).rejects.toMatchObject({ kind: 'not-now', details: { job: 'fail' } })
  await handler.stop()
}, 120_000)

test.concurrent('one that computes without a turn of its loop is not killed for it', async ({
  expect,
}) => {
  const handler = makeHandlerProcess(module)
  // Longer than a process that waits may be silent.
  expect(await handler.run(job('compute', { ms: 30_000 }))).toBe('done')
  await handler.stop()
}, 120_000)

test.concurrent('one that waits with a loop that turns is not either', async ({ expect }) => {
  const handler = makeHandlerProcess(module)
  expect(await handler.run(job('wait', { ms: 30_000 }))).toBe('done')
  await handler.stop()
}, 120_000)

test('a process of a pool that hangs makes its job fail', async () => {
  const pool = makeProcessPool(1, module)
  await expect(pool.run(job('compute-meters'))).rejects.toThrow('no sign of life')
  await pool.stop()
}, 120_000)
