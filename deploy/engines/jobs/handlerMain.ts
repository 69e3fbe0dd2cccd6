import { JobProcessKilledError } from '../../../schemas/errors/job.ts'
import type { ErrorKind } from '../../../schemas/errors/kinds.ts'
import {
  InvalidArgumentError,
  InvariantError,
  sentenceOf,
  WattproofError,
} from '../../../schemas/errors/wattproofError.ts'
import type { Job } from '../../../schemas/ports/jobs.ts'
import { startBeating } from '../../process/heartbeat.ts'
import type { HandlerReply } from './handlerProcess.ts'

/**
 * The process that runs jobs: imports the given module and answers one message per job. It beats
 * while it has one.
 *
 * What the caller or we must fix first (`InvalidArgumentError`, `InvariantError`) is final; other
 * failures may be transient and are retried.
 */
const [moduleUrl = ''] = process.argv.slice(2)

process.on('message', (job: Job) => {
  handle(job).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))
// On Ctrl-C the worker decides how its jobs end; if it is gone the channel closes.
process.on('SIGINT', () => {})

async function handle(job: Job): Promise<HandlerReply> {
  const endBeating = startBeating()
  try {
    const handlers = (await import(moduleUrl)) as { handle(job: Job): Promise<unknown> }
    return { result: (await handlers.handle(job)) ?? null }
  } catch (error) {
    if (error instanceof JobProcessKilledError) return { killedBy: String(error.details.signal) }
    const isFinal = error instanceof InvalidArgumentError || error instanceof InvariantError
    return { isFinal, error: nameOf(error), kind: kindOf(error), sentence: sentenceOf(error) }
  } finally {
    endBeating()
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}

function kindOf(error: unknown): ErrorKind {
  return error instanceof WattproofError ? error.kind : 'internal'
}
