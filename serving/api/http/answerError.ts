import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from '../../../schemas/errors/problem.ts'
import { AnswerTooLargeError, QueryTooLargeError } from '../../../schemas/errors/views.ts'
import { logRefusal } from '../../../schemas/ports/logRefusal.ts'
import { toJson } from '../../../schemas/units.ts'
import { declaredKinds } from './declaredKinds.ts'

/** Answers anything thrown as a problem document, and logs what is not the client's fault. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = isOursToShorten(thrown, request) ? new QueryTooLargeError(thrown) : thrown
  const { problem, headers } = problemOf(error, request.id)
  logRefusal(request, error, problem)
  // These headers belong to the answer that could not be sent.
  void reply.removeHeader('etag').removeHeader('wattproof-next').removeHeader('wattproof-truncated')
  void reply.code(problem.status).headers(headers).send(toJson(problem))
}

/** "Ask for a shorter range" is no help on a route without one. */
function isOursToShorten(thrown: unknown, request: FastifyRequest): thrown is AnswerTooLargeError {
  const isTooLarge = thrown instanceof AnswerTooLargeError
  return isTooLarge && !declaredKinds(request.routeOptions).has('range')
}
