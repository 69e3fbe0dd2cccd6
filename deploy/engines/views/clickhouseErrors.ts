import {
  AnswerTooLargeError,
  QueryValueError,
  TablesMissingError,
  ViewsBusyError,
  ViewsDeniedError,
  ViewsUnreachableError,
} from '../../../schemas/errors/views.ts'
import {
  InvariantError,
  sentenceOf,
  WattproofError,
} from '../../../schemas/errors/wattproofError.ts'

/** Parameters that are missing, unknown, or do not parse as their declared type. */
const wrongValueCodes = new Set([6, 26, 27, 32, 38, 41, 53, 69, 70, 72, 131, 321, 456, 457])
/** Results beyond the limits of a read: rows or bytes. */
const tooMuchCodes = new Set([158, 307, 396])
/**
 * Timeouts, memory, too many at once, too many parts, shutting down, replicas out of reach, no
 * space.
 */
const busyCodes = new Set([159, 164, 202, 209, 210, 236, 241, 242, 243, 252, 279, 319, 425, 999])
/** Transient faults under general codes: of files, of the system, of C++. */
const shortageSentence =
  /no space left|not enough space|quota exceeded|read-only file system|too many open files/i
/** No such table, no such database. */
const missingCodes = new Set([60, 81])
const deniedCodes = new Set([192, 193, 194, 497, 516])
const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // A socket that is not there yet.
  'ENOENT',
])
/** Messages of Node's HTTP client and of ClickHouse's client for a lost connection. */
const unreachableSentences = /^(aborted|socket hang up|terminated)|ECONNRE/
const timeoutSentence = /^Timeout error/

/** No answer, or one that broke off: an immediate retry may help. */
export function isUnreachable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && unreachableCodes.has(code)) return true
  return error instanceof Error && unreachableSentences.test(error.message)
}

/** What a failure of ClickHouse means to the caller of `Views`. */
export function toViewsError(error: unknown, what: string): WattproofError {
  if (error instanceof WattproofError) return error
  const reason = sentenceOf(error).trim()
  if (isUnreachable(error) || timeoutSentence.test(reason)) {
    return new ViewsUnreachableError({ what, reason }, error)
  }
  const { code: text, type } = error as { code?: string; type?: string }
  const code = Number(text)
  const failure = { what, reason, code, type }
  if (wrongValueCodes.has(code)) return new QueryValueError(failure, error)
  if (tooMuchCodes.has(code)) return new AnswerTooLargeError(failure, error)
  if (busyCodes.has(code) || shortageSentence.test(reason))
    return new ViewsBusyError(failure, error)
  if (deniedCodes.has(code)) return new ViewsDeniedError(failure, error)
  if (missingCodes.has(code)) return new TablesMissingError(failure, error)
  return new InvariantError(`The views store fails at ${what}: ${reason}`, failure, error)
}
