/** How a kind of error is reported over HTTP (RFC 9457) and by a command. */
export type ErrorKindEntry = {
  readonly status: number
  /** The same for every occurrence; `detail` describes this one. */
  readonly title: string
  /** 1 failed, 2 usage error; the same whether the command refuses or the API that it asks. */
  readonly exitCode: 1 | 2
  /** What to do, where the sentence need not repeat it. */
  readonly advice?: string
  /** Sent over HTTP instead of the sentence, where that is only for us and the log. */
  readonly instead?: string
  readonly retryAfterS?: number
}

/** The one mapping. `urn:wattproof:problem:KIND` is the type of the problem document. */
export const errorKinds = {
  invalid: { status: 400, title: 'Invalid request', exitCode: 2 },
  shape: {
    status: 400,
    title: 'Request does not match the schema',
    exitCode: 2,
    advice: 'See /api/v1/openapi.json.',
  },
  // `ingest` exits 1 when nothing of a file can be read, whoever read it.
  unreadable: { status: 400, title: 'Cannot be read', exitCode: 1 },
  range: { status: 400, title: 'Range cannot be answered', exitCode: 2 },
  'meter-gap': { status: 400, title: 'Too many readings missing', exitCode: 1 },
  'event-terms': { status: 400, title: 'Event cannot be announced', exitCode: 2 },
  'zero-account': { status: 400, title: 'Account cannot be paid', exitCode: 2 },
  verdict: { status: 400, title: 'Verdict cannot be counted', exitCode: 1 },
  'wrong-use': { status: 400, title: 'Usage error', exitCode: 2 },
  unauthorized: { status: 401, title: 'Token required', exitCode: 1 },
  'not-found': { status: 404, title: 'Not found', exitCode: 1 },
  method: { status: 405, title: 'Method not allowed', exitCode: 1 },
  'too-slow': { status: 408, title: 'Too slow', exitCode: 1, retryAfterS: 1 },
  'unknown-roster': { status: 409, title: 'Roster is not registered', exitCode: 1 },
  conflict: { status: 409, title: 'Conflict with the current state', exitCode: 1 },
  'model-underperforming': { status: 409, title: 'Model is not good enough', exitCode: 1 },
  'too-large': { status: 413, title: 'Too large', exitCode: 1 },
  'media-type': { status: 415, title: 'Unsupported media type', exitCode: 1 },
  expectation: { status: 417, title: 'Expectation cannot be met', exitCode: 1 },
  misdirected: { status: 421, title: 'Misdirected request', exitCode: 1 },
  'too-many': { status: 429, title: 'Too many requests', exitCode: 1, retryAfterS: 1 },
  'head-too-large': { status: 431, title: 'Head too large', exitCode: 1 },
  internal: {
    status: 500,
    title: 'Internal error',
    exitCode: 1,
    instead: 'The server failed. Its log has the reason under the id of this request.',
  },
  // No client can fix the server's configuration; retrying is safe once it is fixed.
  configuration: {
    status: 503,
    title: 'Wrong configuration',
    exitCode: 2,
    instead:
      'The server cannot do this until its configuration is corrected; its log has the reason. ' +
      'Ask again later.',
    retryAfterS: 1,
  },
  busy: { status: 503, title: 'Busy', exitCode: 1, retryAfterS: 1 },
  'not-acknowledged': { status: 503, title: 'Not acknowledged', exitCode: 1, retryAfterS: 1 },
  'not-now': {
    status: 503,
    title: 'Temporarily unavailable',
    exitCode: 1,
    advice: 'Ask again in a second.',
    retryAfterS: 1,
  },
} as const satisfies Readonly<Record<string, ErrorKindEntry>>

export type ErrorKind = keyof typeof errorKinds
