import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from '../../schemas/errors/problem.ts'
import { MediaTypeError, NotAcknowledgedError } from '../../schemas/errors/request.ts'
import { AnswerTooLargeError } from '../../schemas/errors/views.ts'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import { logRefusal } from '../../schemas/ports/logRefusal.ts'
import { toJson } from '../../schemas/units.ts'
import { readingMediaTypes } from '../ingest/body/format.ts'

/** Answers errors that the client can fix or retry; our own go on to the server's handler. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { problem, headers } = problemOf(ofReadings(error), request.id)
  // A client has no range to shorten here.
  if (problem.status === 500 || error instanceof AnswerTooLargeError) throw error
  logRefusal(request, error, problem)
  void reply.code(problem.status).headers(headers).send(toJson(problem))
}

/** The error of a request that carries readings. */
function ofReadings(error: unknown): unknown {
  const { code } = error as { code?: string }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new MediaTypeError({ accepted: readingMediaTypes })
  }
  const isOurs = error instanceof RetryableError && error.kind === 'not-now'
  return isOurs ? new NotAcknowledgedError(error) : error
}
