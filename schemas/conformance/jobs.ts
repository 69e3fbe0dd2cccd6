import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { JobReport, Jobs } from '../ports/jobs.ts'
import { suiteNames } from './jobsHandler.ts'

/** Empty queues that any number of clients may open. Locks of a few seconds, short pauses. */
export type JobsHarness = {
  open(): Promise<Jobs>
  /** A process that has `jobsHandler.ts` work on all names, and prints a line once it does. */
  startWorker(): Promise<ChildProcess>
}

const module = new URL('jobsHandler.ts', import.meta.url)

/**
 * The promise of `Jobs`, as tests. Each engine's test file calls this and adds tests of what is
 * specific to the engine.
 *
 * @param start separate queues for these names of jobs.
 */
export function describeJobs(
  engine: string,
  start: (names: readonly string[]) => Promise<JobsHarness>,
): void {
  describe(`jobs on ${engine}`, () => {
    let client: Client
    let jobs: Jobs
    let dir: string
    const work = (...names: string[]) => client.work(...names)
    const finished = (name: string, id: string) => finishedJob(jobs, name, id)

    beforeAll(async () => {
      dir = mkdtempSync(path.join(tmpdir(), 'jobs-'))
      client = await openClient(await start(suiteNames))
      jobs = client.jobs
    })
    afterEach(() => client.endWorkers())
    afterAll(async () => {
      await jobs?.close()
      rmSync(dir, { recursive: true, force: true })
    })

    test('a job is waiting, then done with its result, in another process', async () => {
      await jobs.add({ name: 'echo', id: 'first', data: { meter: 'MAC000005', list: [1, 2] } })
      expect(await jobs.report('echo', 'first')).toEqual({
        id: 'first',
        name: 'echo',
        state: 'waiting',
        result: null,
        failure: null,
        attempts: 0,
      })

      await work('echo')
      const done = await finished('echo', 'first')

      expect(done).toMatchObject({ state: 'completed', failure: null, attempts: 1 })
      const result = done.result as { id: string; data: unknown; pid: number }
      expect(result.id).toBe('first')
      expect(result.data).toEqual({ meter: 'MAC000005', list: [1, 2] })
      expect(result.pid).not.toBe(process.pid)
    })

    test('the same id twice is one job, also after it is done', async () => {
      const file = path.join(dir, 'twice')
      const job = { name: 'echo', id: '20130211', data: { file } }
      await jobs.add(job)
      await jobs.add(job)
      await work('echo')
      await finished('echo', '20130211')
      await jobs.add(job)
      await jobs.add({ name: 'echo', id: 'after', data: {} })
      await finished('echo', 'after')

      expect(triesIn(file)).toBe(1)
    })

    test('the same id under two names is two jobs', async () => {
      await jobs.add({ name: 'echo', id: 'shared', data: {} })
      expect((await jobs.report('flaky', 'shared')).state).toBe('unknown')
    })

    test('a job never added is unknown; a name not configured is refused', async () => {
      expect((await jobs.report('echo', 'nobody')).state).toBe('unknown')
      const stranger = { name: 'stranger', id: 'a', data: {} }
      await expect(jobs.add(stranger)).rejects.toThrow(InvalidArgumentError)
      await expect(jobs.report('stranger', 'a')).rejects.toThrow(InvalidArgumentError)
      await expect(jobs.add({ name: 'echo', id: 'a:b', data: {} })).rejects.toThrow(
        InvalidArgumentError,
      )
    })

    test('a failing job is tried three times', async () => {
      const file = path.join(dir, 'flaky')
      const hopeless = path.join(dir, 'hopeless')
      await jobs.add({ name: 'flaky', id: 'third', data: { file } })
      await jobs.add({ name: 'hopeless', id: 'never', data: { file: hopeless } })
      await work('flaky', 'hopeless')

      expect(await finished('flaky', 'third')).toMatchObject({ state: 'completed', result: 3 })
      const failed = await finished('hopeless', 'never')
      expect(failed).toMatchObject({ state: 'failed', failure: 'try 3 failed too', attempts: 3 })
    })

    test('a job that failed is tried again when it is added again', async () => {
      const file = path.join(dir, 'again')
      await jobs.add({ name: 'hopeless', id: 'again', data: { file: path.join(dir, 'before') } })
      await work('hopeless')
      await finished('hopeless', 'again')
      await jobs.add({ name: 'hopeless', id: 'again', data: { file } })
      // It has three attempts of its own.
      const tries = () => (existsSync(file) ? triesIn(file) : 0)
      await expect.poll(tries, { timeout: 30_000 }).toBe(3)
      expect((await finished('hopeless', 'again')).attempts).toBe(3)
    })

    test("a caller's mistake is not retried", async () => {
      const file = path.join(dir, 'refused')
      await jobs.add({ name: 'refused', id: 'once', data: { file } })
      await work('refused')

      const failed = await finished('refused', 'once')
      expect(failed).toMatchObject({ state: 'failed', failure: 'There is no such day.' })
      expect(triesIn(file)).toBe(1)
    })

    test('recent lists the latest jobs, newest first', async () => {
      await work('echo')
      for (const id of ['one', 'two', 'three']) {
        await jobs.add({ name: 'echo', id: `recent-${id}`, data: {} })
        await finished('echo', `recent-${id}`)
      }

      const [last, before] = await jobs.recent(2)
      expect([last?.id, before?.id]).toEqual(['recent-three', 'recent-two'])
      expect((await jobs.recent(50)).length).toBeGreaterThan(2)
    })

    /** Queues of its own for each, as they wait for seconds. */
    const openSlow = async (onTestFinished: (end: () => Promise<void>) => void) => {
      const own = await openClient(await start(['slow']))
      onTestFinished(async () => {
        await own.endWorkers()
        await own.jobs.close()
      })
      return own
    }

    test.concurrent('a handler that computes for longer than its lock keeps it', async ({
      expect,
      onTestFinished,
    }) => {
      const own = await openSlow(onTestFinished)
      const file = path.join(dir, 'long')
      await own.jobs.add({ name: 'slow', id: 'long', data: { file, milliseconds: 5_000 } })
      await own.work('slow')

      expect(await finishedJob(own.jobs, 'slow', 'long')).toMatchObject({
        state: 'completed',
        result: 'done',
      })
      expect(triesIn(file)).toBe(1)
    })

    test.concurrent('after a worker is killed the next one does the job, with one effect', async ({
      expect,
      onTestFinished,
    }) => {
      const own = await openSlow(onTestFinished)
      const file = path.join(dir, 'killed')
      await own.jobs.add({ name: 'slow', id: 'killed', data: { file, milliseconds: 1_500 } })
      const first = await own.startWorker()
      await until(() => existsSync(file))
      expect((await own.jobs.report('slow', 'killed')).state).toBe('active')
      await kill(first)
      await own.startWorker()

      const done = await finishedJob(own.jobs, 'slow', 'killed')
      expect(done.state).toBe('completed')
      expect(triesIn(file)).toBe(2)
      // Either of the two may be first; the other one finds it done.
      const pids = readFileSync(file, 'utf8').trim().split('\n')
      expect(pids).toContain(readFileSync(`${file}.effect`, 'utf8'))
    })

    test.concurrent('a worker that is closed in the middle returns its job', async ({
      expect,
      onTestFinished,
    }) => {
      const own = await openSlow(onTestFinished)
      const file = path.join(dir, 'closed')
      // The first try outlasts the close; what the second one computes is of no interest.
      await own.jobs.add({
        name: 'slow',
        id: 'closed',
        data: { file, milliseconds: [6_000, 0] },
      })
      await own.work('slow')
      await until(() => existsSync(file))
      await own.endWorkers()
      expect((await own.jobs.report('slow', 'closed')).state).toBe('waiting')
      await own.work('slow')

      expect(await finishedJob(own.jobs, 'slow', 'closed')).toMatchObject({ state: 'completed' })
      expect(triesIn(file)).toBe(2)
    })
  })
}

type Client = {
  readonly jobs: Jobs
  work(...names: string[]): Promise<void>
  /** A process to kill. */
  startWorker(): Promise<ChildProcess>
  /** Closes what works here, and kills the processes. */
  endWorkers(): Promise<void>
}

async function openClient(harness: JobsHarness): Promise<Client> {
  const working: Jobs[] = []
  const workers: ChildProcess[] = []
  return {
    jobs: await harness.open(),
    work: async (...names) => {
      const worker = await harness.open()
      working.push(worker)
      await worker.work({ names, module })
    },
    startWorker: async () => {
      const child = await harness.startWorker()
      workers.push(child)
      await once(child.stdout!, 'data')
      return child
    },
    endWorkers: async () => {
      await Promise.all(working.splice(0).map((each) => each.close()))
      await Promise.all(workers.splice(0).map(kill))
    },
  }
}

async function finishedJob(jobs: Jobs, name: string, id: string): Promise<JobReport> {
  for (let tries = 0; tries < 800; tries++) {
    const report = await jobs.report(name, id)
    if (report.state === 'completed' || report.state === 'failed') return report
    await sleep(50)
  }
  throw new Error(`Job ${name} ${id} is not done after 40 s.`)
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 600; tries++) await sleep(50)
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function triesIn(file: string): number {
  return readFileSync(file, 'utf8').trim().split('\n').length
}
