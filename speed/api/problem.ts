import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  InvalidArgumentError,
  RetryableError,
  sentenceOf,
} from '../../schemas/errors/wattproofError.ts'
import { readingMediaTypes } from '../ingest/format.ts'

const names: Readonly<Record<number, string>> = {
  413: 'too-large',
  415: 'media-type',
  429: 'busy',
  503: 'not-now',
}

/** RFC 9457: what was wrong, and in `detail` what to do about it. */
export function sendProblem(
  reply: FastifyReply,
  problem: {
    readonly status: number
    readonly title: string
    readonly detail: string
    /** Where the status alone does not tell. */
    readonly name?: string
  },
) {
  const { name = names[problem.status] ?? 'invalid', ...told } = problem
  const type = `urn:wattproof:problem:${name}`
  const instance = `urn:wattproof:request:${reply.request.id}`
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send({ type, ...told, instance })
}

/** Answers what the client can mend or try again; everything else goes on to the whole server. */
export function answerError(error: unknown, _: FastifyRequest, reply: FastifyReply) {
  const code = (error as { code?: string }).code
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return sendProblem(reply, { status: 413, title: 'Too large', detail: sentenceOf(error) })
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const detail = `Readings come as ${readingMediaTypes.join(', ')}.`
    return sendProblem(reply, { status: 415, title: 'Unsupported media type', detail })
  }
  if (error instanceof RetryableError) {
    const detail = `${error.message} Nothing was acknowledged; send it again.`
    void reply.header('retry-after', '1')
    return sendProblem(reply, { status: 503, title: 'Not now', detail })
  }
  if (error instanceof InvalidArgumentError) {
    const status = error.details.isTooLarge === true ? 413 : 400
    const title = status === 413 ? 'Too large' : 'Cannot be read'
    const { problem } = error.details
    const name = typeof problem === 'string' ? { name: problem } : {}
    return sendProblem(reply, { status, title, detail: error.message, ...name })
  }
  throw error
}
