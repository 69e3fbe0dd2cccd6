import {
  InvalidArgumentError,
  InvariantError,
  sentenceOf,
} from '../../../schemas/errors/wattproofError.ts'
import type { Job } from '../../../schemas/ports/jobs.ts'
import type { HandlerReply } from './handlerProcess.ts'

/**
 * The process that does jobs: imports the module it was given and answers one message a job.
 *
 * What the caller or we must mend first (`InvalidArgumentError`, `InvariantError`) is final; other
 * failures may go away and are tried again.
 */
const [moduleUrl = ''] = process.argv.slice(2)

process.on('message', (job: Job) => {
  handle(job).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))
// Asked by a terminal, the worker decides how its jobs end; without it the channel closes.
process.on('SIGINT', () => {})

async function handle(job: Job): Promise<HandlerReply> {
  try {
    const handlers = (await import(moduleUrl)) as { handle(job: Job): Promise<unknown> }
    return { result: (await handlers.handle(job)) ?? null }
  } catch (error) {
    const isFinal = error instanceof InvalidArgumentError || error instanceof InvariantError
    return { failure: sentenceOf(error), isFinal }
  }
}
