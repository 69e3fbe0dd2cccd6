import type { Job as BullJob, JobType, Queue, Worker } from 'bullmq'
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq'
import {
  JobIdError,
  JobKilledTooOftenError,
  JobProcessKilledError,
  JobsUnreachableError,
  JobWorkedOnError,
} from '../../../schemas/errors/job.ts'
import {
  InvalidArgumentError,
  NotFoundError,
  sentenceOf,
} from '../../../schemas/errors/wattproofError.ts'
import type { Job, JobReport, JobState, Jobs } from '../../../schemas/ports/jobs.ts'
import { bringForwardRetries } from './bringForward.ts'
import { type BullmqBackend, openBullmqBackend, type Processor } from './bullmqBackend.ts'
import { type HandlerProcess, makeHandlerProcess } from './handlerProcess.ts'

export type OpenBullmqJobsParameters = {
  /** `postgres://…` or `redis://…` (with append-only files, or `add` is not durable). */
  readonly url: string
  /** Every name a job may have; one queue each. */
  readonly names: readonly string[]
  /** Prefix of the queue names, for installations that share a store. */
  readonly prefix?: string
  /** A job whose worker has been silent for this long is given to another one. */
  readonly lockMs?: number
  /**
   * How often a failing job is tried; that its worker or its process was killed does not count as a
   * failure.
   */
  readonly attempts?: number
  /** So many kills of its process in a row, and the job has failed. */
  readonly killsMax?: number
  /** Pause before the second try; it doubles with each further one. */
  readonly backoffMs?: number
  /** Receives store errors that are being retried; stderr when absent. */
  readonly report?: (sentence: string) => void
}

const finishedKept = 1_000
/** Unlimited: a worker may be killed repeatedly in the middle of a job that is not at fault. */
const stalledMax = 1_000
const closeGraceMs = 3_000
const backoffMsUsual = 5_000
/** Before a job is tried again whose process was killed. */
const killedPauseMsMax = 60_000
/** With their pauses 7 minutes: what killed others too is over by then. */
const killsMaxUsual = 10

/** BullMQ's job states in terms of the port. */
const stateOf: Readonly<Record<string, JobState>> = {
  waiting: 'waiting',
  paused: 'waiting',
  prioritized: 'waiting',
  delayed: 'waiting',
  active: 'active',
  completed: 'completed',
  failed: 'failed',
}

/**
 * Jobs on BullMQ, stored in PostgreSQL or Redis, depending on the URL.
 *
 * Handlers run in separate processes, one per job name: the event loop here stays free to renew the
 * locks of jobs that compute for minutes. Finished jobs are kept, up to 1,000 per name, and as
 * long as they are kept, adding the same id again does nothing if it has completed and retries it
 * if it has failed.
 *
 * @throws RetryableError when the store cannot be reached.
 */
export async function openBullmqJobs(parameters: OpenBullmqJobsParameters): Promise<Jobs> {
  const backend = await openBullmqBackend(parameters.url)
  const report = parameters.report ?? ((line) => process.stderr.write(`${line}\n`))
  const store: Store = { parameters, backend, report, queues: new Map(), working: new Map() }
  try {
    await openQueues(store)
  } catch (error) {
    await close(store)
    throw new JobsUnreachableError({}, error)
  }
  return {
    add: (job) => add(store, job),
    report: (name, id) => reportOf(store, name, id),
    recent: (limit) => recent(store, limit),
    work: ({ names, module }) => work(store, names, module),
    close: () => close(store),
  }
}

type Store = {
  readonly parameters: OpenBullmqJobsParameters
  readonly backend: BullmqBackend
  readonly report: (sentence: string) => void
  readonly queues: Map<string, Queue>
  readonly working: Map<string, Working>
}
type Working = {
  readonly worker: Worker
  readonly handler: HandlerProcess
  endForwarding(): void
  isClosing: boolean
}

async function openQueues(store: Store): Promise<void> {
  const { names, attempts = 3, backoffMs = backoffMsUsual } = store.parameters
  for (const name of names) {
    const queue = store.backend.makeQueue(queueName(store, name), {
      defaultJobOptions: {
        attempts,
        backoff: { type: 'exponential', delay: backoffMs },
        removeOnComplete: { count: finishedKept },
        removeOnFail: { count: finishedKept },
      },
    })
    // Without a listener a lost connection would end the process; BullMQ connects again itself.
    queue.on('error', (error) => store.report(`jobs ${name}: ${sentenceOf(error)}`))
    store.queues.set(name, queue)
    await queue.waitUntilReady()
  }
}

async function add(store: Store, { name, id, data }: Job): Promise<void> {
  if (id === '' || id.includes(':')) throw new JobIdError({ id })
  const queue = queueOf(store, name)
  await reach(async () => {
    const known = await queue.getJob(storedId(id))
    if (known && (await known.isFailed())) await tryAgain(known, data)
    else await queue.add(name, data, { jobId: storedId(id) })
  })
}

/** Requeued as if it were new. A concurrent caller finds it waiting, which is the same answer. */
async function tryAgain(failed: BullJob, data: Job['data']): Promise<void> {
  await failed.updateData(data)
  await failed.updateProgress({})
  try {
    await failed.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
  } catch (error) {
    if (await failed.isFailed()) throw error
  }
}

async function reportOf(store: Store, name: string, id: string): Promise<JobReport> {
  const queue = queueOf(store, name)
  return reach(async () => {
    // The state first: a job that is read first could complete in between, without its result.
    const state = stateOf[await queue.getJobState(storedId(id))] ?? 'unknown'
    const job = await queue.getJob(storedId(id))
    if (job && state !== 'unknown') return describe(job, state)
    return { id, name, state: 'unknown', result: null, failure: null, attempts: 0 }
  })
}

/** The most recently changed jobs, newest first. */
async function recent(store: Store, limit: number): Promise<readonly JobReport[]> {
  const found = new Map<string, { at: number; report: JobReport }>()
  const lists = [...store.queues.values()].flatMap((queue) =>
    Object.entries(stateOf).map(async ([type, state]) => {
      const jobs = await queue.getJobs([type as JobType], 0, limit - 1, false)
      for (const job of jobs) {
        const at = job.finishedOn ?? job.processedOn ?? job.timestamp
        found.set(`${job.name} ${job.id}`, { at, report: describe(job, state) })
      }
    }),
  )
  await reach(() => Promise.all(lists))
  const newest = [...found.values()].sort((left, right) => right.at - left.at)
  return newest.slice(0, limit).map((each) => each.report)
}

async function work(store: Store, names: readonly string[], module: URL): Promise<void> {
  const { lockMs = 60_000 } = store.parameters
  for (const name of names) {
    const queue = queueOf(store, name)
    if (store.working.has(name)) throw new JobWorkedOnError({ name })
    const handler = makeHandlerProcess(module)
    const processor: Processor = (job, token) => runJob(store, working, { job, token: token ?? '' })
    const worker = store.backend.makeWorker(queueName(store, name), processor, {
      concurrency: 1,
      lockDuration: lockMs,
      stalledInterval: Math.min(lockMs, 5_000),
      maxStalledCount: stalledMax,
    })
    const endForwarding = bringForwardRetries(queue, store.report)
    const working: Working = { worker, handler, endForwarding, isClosing: false }
    worker.on('error', (error) => store.report(`jobs ${name}: ${sentenceOf(error)}`))
    worker.on('failed', (job, error) => {
      store.report(`job ${name} ${job ? shownId(job) : ''} failed: ${sentenceOf(error)}`)
    })
    store.working.set(name, working)
    await reach(() => worker.waitUntilReady())
  }
}

type Running = { readonly job: BullJob; readonly token: string }

async function runJob(store: Store, working: Working, at: Running): Promise<unknown> {
  const { job, token } = at
  const id = shownId(job)
  try {
    return await working.handler.run({ name: job.name, id, data: job.data })
  } catch (error) {
    if (working.isClosing) {
      // Stopped by us, not a failure: the next worker takes it at once instead of after the lock
      // expires.
      await job.moveToWait(token)
      throw new WaitingError()
    }
    if (error instanceof JobProcessKilledError) await delayKilled(store, at, error)
    if (error instanceof InvalidArgumentError) throw new UnrecoverableError(error.message)
    throw error
  }
}

/**
 * No fault of the job: it uses up no attempt, and the pauses grow. The count is kept with the job,
 * as the worker may be killed with its process.
 *
 * @throws DelayedError, or UnrecoverableError once it was killed too often.
 */
async function delayKilled(
  store: Store,
  { job, token }: Running,
  error: JobProcessKilledError,
): Promise<never> {
  const { backoffMs = backoffMsUsual, killsMax = killsMaxUsual } = store.parameters
  const kills = killsOf(job) + 1
  if (kills >= killsMax) {
    const { message } = new JobKilledTooOftenError({ cause: error.message, kills })
    throw new UnrecoverableError(message)
  }
  await job.updateProgress({ attempt: job.attemptsMade, kills })
  const pauseMs = Math.min(backoffMs * 2 ** (kills - 1), killedPauseMsMax)
  await job.moveToDelayed(Date.now() + pauseMs, token)
  store.report(`job ${job.name} ${shownId(job)}: ${error.message} It is tried again.`)
  throw new DelayedError()
}

/** In a row: where it has failed by itself since, or was asked for again, they start anew. */
function killsOf({ progress, attemptsMade }: BullJob): number {
  const { attempt, kills } = progress as { readonly attempt?: number; readonly kills?: number }
  return attempt === attemptsMade ? (kills ?? 0) : 0
}

/** Running jobs get a moment to finish; then they are requeued. */
async function close(store: Store): Promise<void> {
  await Promise.all(
    [...store.working.values()].map(async (working) => {
      working.isClosing = true
      working.endForwarding()
      const closed = working.worker.close()
      const hard = setTimeout(() => void working.handler.stop(), closeGraceMs)
      await closed
      clearTimeout(hard)
      await working.handler.stop()
    }),
  )
  await Promise.all([...store.queues.values()].map((queue) => queue.close()))
  await store.backend.close()
}

function describe(job: BullJob, state: JobState): JobReport {
  return {
    id: shownId(job),
    name: job.name,
    state,
    result: state === 'completed' ? job.returnvalue : null,
    failure: job.failedReason || null,
    attempts: job.attemptsMade,
  }
}

function queueOf(store: Store, name: string): Queue {
  const queue = store.queues.get(name)
  if (!queue) throw new NotFoundError('job', name)
  return queue
}

function queueName(store: Store, name: string): string {
  return `${store.parameters.prefix ?? 'wattproof'}-${name}`
}

/** BullMQ refuses ids that are whole numbers, so all get a letter as prefix. */
function storedId(id: string): string {
  return `j-${id}`
}

function shownId(job: BullJob): string {
  return (job.id ?? '').replace(/^j-/, '')
}

async function reach<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw new JobsUnreachableError({}, error)
  }
}
