import {
  clauseOf,
  InvalidArgumentError,
  RetryableError,
  sentenceOf,
  WattproofError,
} from './wattproofError.ts'

/** A missing or wrong token where one is required. */
export class UnauthorizedError extends WattproofError {
  readonly kind = 'unauthorized'

  constructor(given: { readonly isWrong: boolean }) {
    super(
      given.isWrong
        ? 'This token is not the right one. `wattproof up` keeps it in DIR/token.'
        : 'This needs `Authorization: Bearer TOKEN`; `wattproof up` keeps the token in DIR/token.',
      given,
    )
  }
}

/** Sent to a host name that is not this server's. */
export class MisdirectedError extends WattproofError {
  readonly kind = 'misdirected'

  constructor(sent: { readonly host: string }) {
    const host = sent.host.slice(0, 100)
    super(
      `This server does not answer to "${host}": call it by its address or by localhost, or ` +
        'start it with WATTPROOF_NAMES holding the names that lead to it.',
      { host },
    )
  }
}

export class NoSuchRouteError extends WattproofError {
  readonly kind = 'not-found'

  constructor(asked: { readonly method: string; readonly path: string }) {
    super(`There is nothing at ${asked.method} ${asked.path}; see /api/v1/openapi.json.`, asked)
  }
}

/** A route that exists, asked with another method; HTTP wants `Allow` in the answer. */
export class MethodNotAllowedError extends WattproofError {
  readonly kind = 'method'

  constructor(asked: {
    readonly method: string
    readonly path: string
    readonly allowed: readonly string[]
  }) {
    const { method, path, allowed } = asked
    super(`${path} takes ${allowed.join(', ')}, not ${method}; see /api/v1/openapi.json.`, asked)
  }
}

const issuesListedMax = 20

export type ShapeIssue = { readonly path: readonly PropertyKey[]; readonly message: string }

/** A part of a request that does not match its route's schema; the issues are zod's. */
export class RequestShapeError extends InvalidArgumentError {
  override readonly kind = 'shape'

  constructor(part: string, issues: readonly ShapeIssue[]) {
    const errors = issues.slice(0, issuesListedMax).map(({ path, message }) => {
      return { path: [part, ...path.map(String)].join('.'), message }
    })
    const first = errors[0]
    super(first ? `${first.path}: ${first.message}.` : `The ${part} cannot be read.`, { errors })
  }
}

export class NotJsonError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(cause: unknown) {
    const reason = sentenceOf(cause)
    super(`The body is not JSON: ${reason}`, { reason }, cause)
  }
}

export class IdempotencyKeyError extends InvalidArgumentError {
  constructor(limit: { readonly charsMax: number }) {
    super(`An Idempotency-Key is at most ${limit.charsMax} visible ASCII characters.`, limit)
  }
}

/** More in one request than a route accepts. */
export class TooLargeError extends InvalidArgumentError {
  override readonly kind = 'too-large'

  constructor(body: { readonly bytesMax?: number; readonly readingsMax?: number } = {}) {
    super(
      body.readingsMax === undefined
        ? 'The body is larger than this route takes; send it in parts.'
        : `More than ${body.readingsMax} readings in one request; send them in several.`,
      body,
    )
  }
}

export class MediaTypeError extends InvalidArgumentError {
  override readonly kind = 'media-type'

  constructor(route: { readonly accepted: readonly string[] }) {
    super(`This route takes \`content-type\` ${route.accepted.join(', ')}.`, route)
  }
}

/** A body that is packed, which would be read as it came. */
export class ContentEncodingError extends InvalidArgumentError {
  override readonly kind = 'media-type'

  constructor(sent: { readonly encoding: string }) {
    const encoding = sent.encoding.slice(0, 100)
    super(
      `Bodies are taken as they are: unpack this one, without \`content-encoding\` ${encoding}.`,
      {
        encoding,
      },
    )
  }
}

/** A request the HTTP server cannot parse, with its own message. */
export class UnreadableRequestError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(request: { readonly reason: string }) {
    super(request.reason, request)
  }
}

/** Bytes on a connection that are not a request, in the words of the parser; or without a host. */
export class NotHttpError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(parsed: { readonly reason?: string } = {}) {
    const { reason = 'it has no Host header' } = parsed
    super(`This cannot be read as HTTP/1.1: ${clauseOf(reason)}.`, parsed)
  }
}

export class HeadTooLargeError extends InvalidArgumentError {
  override readonly kind = 'head-too-large'

  constructor(head: { readonly bytesMax: number }) {
    super(`Path and headers of a request have at most ${head.bytesMax / 1024} KiB.`, head)
  }
}

export class ExpectationError extends InvalidArgumentError {
  override readonly kind = 'expectation'

  constructor(sent: { readonly expect: string }) {
    const expect = sent.expect.slice(0, 100)
    super(`\`Expect: ${expect}\` cannot be met, only 100-continue; leave it out.`, { expect })
  }
}

/** A request of which the rest does not come. */
export class RequestLateError extends RetryableError {
  override readonly kind = 'too-slow'

  constructor() {
    super('The request did not arrive whole in time; send it again.')
  }
}

/** A path that the router cannot take apart. */
export class PathUnreadableError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(path: { readonly partCharsMax?: number } = {}) {
    super(
      path.partCharsMax === undefined
        ? 'The path is not valid: % is followed by two hexadecimal digits of UTF-8.'
        : `A part of the path is longer than ${path.partCharsMax} characters; no name is.`,
      path,
    )
  }
}

export class TooManyRequestsError extends RetryableError {
  override readonly kind = 'too-many'

  constructor(wait: { readonly retryAfterS: number }) {
    super(`Too many requests from this address; send the next one in ${wait.retryAfterS} s.`, wait)
  }
}

/** A sender without a token has read as much as it may in a minute. */
export class ReadsSpentError extends RetryableError {
  override readonly kind = 'too-many'

  constructor(wait: { readonly retryAfterS: number; readonly rowsMax: number }) {
    super(
      `Without the token an address may read ${wait.rowsMax} rows a minute, which were read; ` +
        `ask again in ${wait.retryAfterS} s.`,
      wait,
    )
  }
}

/** Answers that their readers have not taken fill the room for such. */
export class AnswersFullError extends RetryableError {
  override readonly kind = 'busy'

  constructor(room: { readonly bytesMax: number }) {
    super(
      `Answers that were not read yet fill their ${room.bytesMax / 2 ** 20} MiB; read them first.`,
      room,
    )
  }
}

/** No room in memory for one more body, of this sender or of anybody. */
export class BodiesFullError extends RetryableError {
  override readonly kind = 'too-many'

  constructor(budget: {
    readonly bytesMax: number
    readonly of: 'sender' | 'all'
    /** It arrives slowly, and the room for slow ones is taken. */
    readonly isSlow?: boolean
  }) {
    super(`${fullSentence(budget)}.`, budget)
  }
}

function fullSentence({ bytesMax, of, isSlow }: ConstructorParameters<typeof BodiesFullError>[0]) {
  if (isSlow) return 'Too many bodies arrive slowly already; send it again later, in smaller parts'
  const room = `${bytesMax / 2 ** 20} MiB for bodies`
  return of === 'sender'
    ? `This address uses its share of the ${room}; send it again in a second`
    : `The ${room} are in use; send it again in a second`
}

export class SlowBodyError extends RetryableError {
  override readonly kind = 'too-slow'

  constructor(limit: { readonly bytesPerSMin: number }) {
    super(
      `The body came slower than ${limit.bytesPerSMin} bytes a second; send it in smaller parts.`,
      limit,
    )
  }
}

/** More simultaneous clients than the server accepts, in all or from one address. */
export class TooManyClientsError extends RetryableError {
  override readonly kind = 'busy'

  constructor(limit: { readonly clientsMax: number; readonly address?: string }) {
    const from = limit.address === undefined ? '' : ` from ${limit.address}`
    super(`${limit.clientsMax} clients${from} follow the stream; try again later.`, limit)
  }
}

export class TooManyQuestionsError extends RetryableError {
  override readonly kind = 'busy'

  constructor(limit: { readonly questionsMax: number }) {
    super(`${limit.questionsMax} such requests are already waiting; try again later.`, limit)
  }
}

/** Readings that could not be made durable: the client still has them, and sends them again. */
export class NotAcknowledgedError extends RetryableError {
  override readonly kind = 'not-acknowledged'

  constructor(cause: RetryableError) {
    super(`${cause.message} Nothing was acknowledged; send it again.`, cause.details, cause)
  }
}

/** A part of the system that does not answer the readiness check in time. */
export class PortSilentError extends RetryableError {
  constructor(asked: { readonly ms: number }) {
    super(`No answer in ${asked.ms / 1000} s.`, asked)
  }
}

/** A change that was begun and takes longer than its caller waits. */
export class NotFinishedError extends RetryableError {
  constructor(asked: { readonly ms: number }, cause: PortSilentError) {
    super(
      `It was begun and not finished in ${asked.ms / 1000} s; it goes on, and the same request ` +
        'again changes nothing more.',
      asked,
      cause,
    )
  }
}
