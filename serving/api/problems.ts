import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import {
  InvalidArgumentError,
  NotFoundError,
  RetryableError,
  sentenceOf,
  WattproofError,
} from '../../schemas/errors/wattproofError.ts'
import type { Problem } from './shapes/common.ts'

/** No token, or a wrong one, where one is wanted. */
export class UnauthorizedError extends WattproofError {
  constructor(isWrong: boolean) {
    super(
      isWrong
        ? 'This token is not the right one. `wattproof up` keeps it in DIR/token.'
        : 'This wants `Authorization: Bearer TOKEN`; `wattproof up` keeps the token in DIR/token.',
    )
  }
}

/** Asked for at the wrong time: the same request may succeed later. */
export class ConflictError extends InvalidArgumentError {}

/** Sent to a name that is not this door's. */
export class MisdirectedError extends WattproofError {
  constructor(host: string) {
    const shown = host.slice(0, 100)
    super(
      `This door does not answer to "${shown}": call it by its address or by localhost, or start ` +
        'it with WATTPROOF_NAMES holding the names that lead to it.',
    )
  }
}

/** More at once than the doors bear. */
export class BusyError extends WattproofError {}

type Draft = Pick<Problem, 'status' | 'title' | 'detail' | 'errors'> & { readonly name: string }

export const problemType = 'application/problem+json; charset=utf-8'

/** Answers anything thrown as RFC 9457, and logs what is our own fault. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const draft = draftProblem(error)
  if (draft.status === 500) request.log.error({ err: error }, draft.title)
  if (draft.status === 503) request.log.warn({ err: error }, draft.title)
  sendProblem(request, reply, draft)
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, draft: Draft): void {
  const { name, ...rest } = draft
  const problem: Problem = {
    type: `urn:wattproof:problem:${name}`,
    ...rest,
    instance: `urn:wattproof:request:${request.id}`,
  }
  if (draft.status === 401) void reply.header('www-authenticate', 'Bearer realm="wattproof"')
  if (draft.status === 503) void reply.header('retry-after', '1')
  void reply.code(draft.status).type(problemType).send(JSON.stringify(problem))
}

function draftProblem(error: unknown): Draft {
  if (error instanceof RequestShapeError) return shapeProblem(error)
  if (error instanceof UnauthorizedError) {
    return { name: 'unauthorized', status: 401, title: 'Token wanted', detail: error.message }
  }
  if (error instanceof MisdirectedError) {
    return { name: 'misdirected', status: 421, title: 'Not our name', detail: error.message }
  }
  if (error instanceof NotFoundError) {
    return { name: 'not-found', status: 404, title: 'Not found', detail: error.message }
  }
  if (error instanceof ConflictError) {
    return { name: 'conflict', status: 409, title: 'Not at this time', detail: error.message }
  }
  if (error instanceof InvalidArgumentError) {
    return { name: 'invalid', status: 400, title: 'Cannot be done', detail: error.message }
  }
  if (error instanceof BusyError) {
    return { name: 'busy', status: 503, title: 'Busy', detail: error.message }
  }
  if (error instanceof RetryableError) {
    const detail = `${error.message} Ask again in a second.`
    return { name: 'not-now', status: 503, title: 'Not now', detail }
  }
  return frameworkProblem(error as Partial<FastifyError>)
}

/** What the HTTP server itself refuses, by its code; anything else is our own mistake. */
function frameworkProblem(error: Partial<FastifyError>): Draft {
  const status = error.statusCode ?? 500
  if (status === 429) {
    return { name: 'too-many', status, title: 'Too many requests', detail: sentenceOf(error) }
  }
  if (status === 413) {
    const detail = 'The body is larger than this route takes; send it in parts.'
    return { name: 'too-large', status, title: 'Too large', detail }
  }
  if (status === 415) {
    const detail = 'This route takes `content-type: application/json`.'
    return { name: 'media-type', status, title: 'Unsupported media type', detail }
  }
  if (status >= 400 && status < 500) {
    return { name: 'invalid', status, title: 'Cannot be read', detail: sentenceOf(error) }
  }
  const detail = 'That is our mistake, and it is in the log under the id of this request.'
  return { name: 'internal', status: 500, title: 'Internal error', detail }
}

/** A request that does not have the shape its route takes. */
export class RequestShapeError extends Error {
  readonly part: string
  readonly cut: z.ZodError

  constructor(part: string, cut: z.ZodError) {
    super(`The ${part} does not fit.`)
    this.part = part
    this.cut = cut
  }
}

const issuesListedMax = 20

function shapeProblem({ part, cut }: RequestShapeError): Draft {
  const errors = cut.issues.slice(0, issuesListedMax).map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))
  const first = errors[0]
  const what = first ? `${first.path}: ${first.message}.` : 'It cannot be read.'
  const detail = `${what} See /api/v1/openapi.json.`
  const title = part === 'body' ? 'The body does not fit' : `The ${part} does not fit`
  return { name: 'shape', status: 400, title, detail, errors }
}
