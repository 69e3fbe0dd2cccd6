import type { Job as BullJob, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq'
import * as bullmq from 'bullmq'
import { Redis } from 'ioredis'
import { JobsUnreachableError, JobsUrlError } from '../../../schemas/errors/job.ts'
import { shortPostgresUrl } from '../../sockets/shortPostgresUrl.ts'

export type Processor = (job: BullJob, token?: string) => Promise<unknown>

/** BullMQ on one of its stores; the rest of the engine does not know which. */
export type BullmqBackend = {
  makeQueue(name: string, options: Omit<QueueOptions, 'connection'>): Queue
  makeWorker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): Worker
  close(): Promise<void>
}

/**
 * The store of a URL.
 *
 * @throws JobsUrlError unless the URL starts with postgres, postgresql, redis or rediss;
 * JobsUnreachableError when Redis cannot be reached (PostgreSQL is contacted with the first queue).
 */
export async function openBullmqBackend(url: string): Promise<BullmqBackend> {
  const scheme = url.split(':')[0]
  if (scheme === 'postgres' || scheme === 'postgresql') return openPostgres(url)
  if (scheme === 'redis' || scheme === 'rediss') return openRedis(url)
  throw new JobsUrlError({ scheme })
}

/**
 * PostgreSQL tells a waiting worker of a job (NOTIFY); it looks by itself this often, s. Redis does
 * so too, but a command that waits long does not notice a lost connection.
 */
const idleOptions = { drainDelay: 60 }
/** A worker that lost its store asks again this often, ms; BullMQ's own pause is 15 s. */
const lostOptions = { runRetryDelay: 1_000 }

async function openPostgres(url: string): Promise<BullmqBackend> {
  const bull = bullmq.withBackend(bullmq.createPostgresBackend)
  // Each queue and worker has its own pool; the embedded server takes 50 connections in all.
  const connection = { connectionString: shortPostgresUrl(url), migrate: true, max: 2 }
  return {
    makeQueue: (name, options) =>
      new bull.Queue(name, { ...options, connection }) as unknown as Queue,
    makeWorker: (name, processor, options) =>
      new bull.Worker(name, processor, {
        ...options,
        ...idleOptions,
        ...lostOptions,
        connection,
      }) as unknown as Worker,
    close: async () => {},
  }
}

async function openRedis(url: string): Promise<BullmqBackend> {
  // Callers that add or query need an answer; a worker may wait for Redis indefinitely.
  const asking = new Redis(url, { maxRetriesPerRequest: 3 })
  const working = new Redis(url, { maxRetriesPerRequest: null })
  for (const client of [asking, working]) {
    // Each queue and worker reports the same error through its own listener.
    client.on('error', () => {})
  }
  const close = async () => {
    asking.disconnect()
    working.disconnect()
  }
  try {
    // BullMQ itself would wait forever.
    await asking.ping()
  } catch (error) {
    await close()
    throw new JobsUnreachableError({ engine: 'Redis' }, error)
  }
  return {
    makeQueue: (name, options) => new bullmq.Queue(name, { ...options, connection: asking }),
    makeWorker: (name, processor, options) =>
      new bullmq.Worker(name, processor, { ...options, ...lostOptions, connection: working }),
    close,
  }
}
