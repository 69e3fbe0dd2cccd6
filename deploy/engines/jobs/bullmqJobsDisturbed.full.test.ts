import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { jobsHarness } from '../../testing/jobs/jobsHarness.ts'
import { makeJobsPostgres } from '../../testing/jobs/jobsPostgres.ts'
import { openBullmqJobs } from './bullmqJobs.ts'

/** Jobs whose store or process is killed, or whose clock was wrong. */
const postgres = makeJobsPostgres()
afterAll(() => postgres.end())

test('jobs survive a kill of PostgreSQL, and a client continues after it is back', async () => {
  const server = await postgres.server()
  const harness = jobsHarness(server.url, ['echo'])
  const jobs = await harness.open()
  await jobs.work({ names: ['echo'], module: handlerUrl() })
  process.kill(server.pid, 'SIGKILL')
  await server.exited
  await expect(jobs.add({ name: 'echo', id: 'down', data: {} })).rejects.toThrow(RetryableError)
  await postgres.restart()

  await jobs.add({ name: 'echo', id: 'up', data: {} })
  let state = ''
  for (let tries = 0; state !== 'completed' && tries < 2_400; tries++) {
    state = (await jobs.report('echo', 'up')).state
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(state).toBe('completed')
  await jobs.close()
})

test('a job whose process is killed again and again is no failure, and is done', async () => {
  const harness = jobsHarness((await postgres.server()).url, ['slow'])
  const jobs = await harness.open()
  const file = path.join(postgres.dir, 'slow-killed')
  const tries = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  // More often than a failing job is tried.
  const kills = 5
  const milliseconds = [...Array.from({ length: kills }, () => 600_000), 0]
  await jobs.add({ name: 'slow', id: 'killed', data: { file, milliseconds } })
  await jobs.work({ names: ['slow'], module: handlerUrl() })
  for (let kill = 1; kill <= kills; kill++) {
    await expect.poll(() => tries().length, { timeout: 60_000 }).toBe(kill)
    process.kill(Number(tries().at(-1)), 'SIGKILL')
  }
  const report = () => jobs.report('slow', 'killed')
  await expect.poll(async () => (await report()).state, { timeout: 60_000 }).toBe('completed')
  expect((await report()).attempts).toBe(1)
  await jobs.close()
}, 180_000)

test('one that is killed each time has failed in the end, and says what to do', async () => {
  const { url } = await postgres.server()
  const kills = 3
  const open = () =>
    openBullmqJobs({
      ...{ url, names: ['slow'], prefix: 'too-often', backoffMs: 10, killsMax: kills },
      report: () => {},
    })
  let jobs = await open()
  const file = path.join(postgres.dir, 'slow-too-often')
  const tries = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  // One for each kill, one that is stopped, one when asked for again.
  const milliseconds = [...Array.from({ length: kills + 2 }, () => 600_000), 0]
  const data = { file, milliseconds }
  await jobs.add({ name: 'slow', id: 'often', data })
  await jobs.work({ names: ['slow'], module: handlerUrl() })
  const report = () => jobs.report('slow', 'often')
  const killNext = async (tried: number) => {
    await expect.poll(() => tries().length, { timeout: 60_000 }).toBe(tried)
    process.kill(Number(tries().at(-1)), 'SIGKILL')
  }
  await killNext(1)
  await expect.poll(() => tries().length, { timeout: 60_000 }).toBe(2)
  // Another worker goes on counting.
  await jobs.close()
  jobs = await open()
  await jobs.work({ names: ['slow'], module: handlerUrl() })
  for (let kill = 2; kill <= kills; kill++) await killNext(kill + 1)
  await expect.poll(async () => (await report()).state, { timeout: 60_000 }).toBe('failed')
  const { failure } = await report()
  expect(failure).toContain('was killed (SIGKILL). That happened 3 times in a row')
  expect(failure).toContain('WATTPROOF_SHARDS=1')
  // Asked for again it is new: one kill more is none too many.
  await jobs.add({ name: 'slow', id: 'often', data })
  await killNext(kills + 2)
  await expect.poll(async () => (await report()).state, { timeout: 60_000 }).toBe('completed')
  await jobs.close()
}, 180_000)

test('a retry noted while the clock was a month ahead does not wait for that time', async () => {
  const { url } = await postgres.server()
  const at = { url, names: ['flaky'], prefix: 'ahead', backoffMs: 3_000 }
  const jobs = await openBullmqJobs({ ...at, report: () => {} })
  const now = Date.now.bind(Date)
  const machine = vi.spyOn(Date, 'now').mockImplementation(() => now() + 30 * 86_400_000)
  const file = path.join(postgres.dir, 'flaky-ahead')
  const tries = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0)
  await jobs.add({ name: 'flaky', id: 'ahead', data: { file } })
  await jobs.work({ names: ['flaky'], module: handlerUrl() })
  await expect.poll(tries, { timeout: 30_000 }).toBe(1)
  // Back to being tried again later, which is noted with the wrong time.
  await expect.poll(stateOf, { timeout: 30_000 }).toBe('waiting')
  machine.mockRestore()
  await expect.poll(stateOf, { timeout: 50_000 }).toBe('completed')
  await jobs.close()

  async function stateOf() {
    return (await jobs.report('flaky', 'ahead')).state
  }
}, 120_000)

function handlerUrl(): URL {
  return new URL('../../../schemas/conformance/jobsHandler.ts', import.meta.url)
}
