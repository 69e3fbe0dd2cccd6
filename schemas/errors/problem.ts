import { type ErrorKind, type ErrorKindEntry, errorKinds } from './kinds.ts'
import { MediaTypeError, TooLargeError, UnreadableRequestError } from './request.ts'
import { sentenceOf, WattproofError } from './wattproofError.ts'

/** RFC 9457. `detail` is a sentence with what to do; further members are its data. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The request's id, also in the answer's `x-request-id` and in the log. */
  readonly instance: string
  readonly [member: string]: unknown
}

export type ProblemAnswer = {
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
}

/** The type URI of a kind of problem. */
export function problemType(kind: ErrorKind): string {
  return `urn:wattproof:problem:${kind}`
}

/** The answer to anything thrown while a request was answered. */
export function problemOf(thrown: unknown, requestId: string): ProblemAnswer {
  const error = thrown instanceof WattproofError ? thrown : refusedByServer(thrown)
  const kind = error?.kind ?? 'internal'
  const { status, title, advice, instead, retryAfterS }: ErrorKindEntry = errorKinds[kind]
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json; charset=utf-8',
  }
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="wattproof"'
  // One that knows when says so; most only know that it is soon.
  const afterS = error?.details.retryAfterS ?? retryAfterS
  if (afterS !== undefined) headers['retry-after'] = String(afterS)
  const about = {
    type: problemType(kind),
    title,
    status,
    instance: `urn:wattproof:request:${requestId}`,
  }
  const sentence = instead ?? sentenceOf(error)
  const detail = advice === undefined ? sentence : `${sentence} ${advice}`
  // The data of an internal error may be confidential, so only the sentence is sent.
  const members = error && status < 500 ? error.details : {}
  return { problem: { ...members, ...about, detail }, headers }
}

/** A refusal by the HTTP server itself, by its status; anything else is our mistake. */
function refusedByServer(thrown: unknown): WattproofError | null {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode
  if (typeof status !== 'number' || status < 400 || status >= 500) return null
  if (status === 413) return new TooLargeError()
  if (status === 415) return new MediaTypeError({ accepted: ['application/json'] })
  return new UnreadableRequestError({ reason: sentenceOf(thrown) })
}
