import {
  InvalidArgumentError,
  InvariantError,
  RetryableError,
  sentenceOf,
  WattproofError,
} from '../../../schemas/errors/wattproofError.ts'

/** Parameters that are missing, unknown, or do not parse as what the query says they are. */
const wrongValueCodes = new Set([6, 26, 27, 32, 38, 41, 53, 69, 70, 72, 131, 321, 456, 457])
/** Results beyond the limits of a read: rows or bytes. */
const tooMuchCodes = new Set([158, 307, 396])
/** Timeouts, memory, too many at once, too many parts, shutting down, replicas out of reach. */
const busyCodes = new Set([159, 164, 202, 209, 210, 236, 241, 242, 252, 279, 319, 425, 999])
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
])
/** Sentences of Node's HTTP client and of ClickHouse's client for a connection that went away. */
const unreachableSentences = /^(aborted|socket hang up|terminated)|ECONNRE/
const timeoutSentence = /^Timeout error/

/** Nobody answered, or somebody stopped in the middle: asking again at once may help. */
export function isUnreachable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && unreachableCodes.has(code)) return true
  return error instanceof Error && unreachableSentences.test(error.message)
}

/** What a failure of ClickHouse means to the caller of `Views`. */
export function toViewsError(error: unknown, what: string): WattproofError {
  if (error instanceof WattproofError) return error
  const sentence = sentenceOf(error).trim()
  if (isUnreachable(error) || timeoutSentence.test(sentence)) {
    return new RetryableError(`The views store cannot be reached: ${sentence}`, { what }, error)
  }
  const { code: text, type } = error as { code?: string; type?: string }
  const code = Number(text)
  const details = { what, code, type }
  if (wrongValueCodes.has(code)) {
    return new InvalidArgumentError(`A value given to ${what} does not fit: ${sentence}`, details)
  }
  if (tooMuchCodes.has(code)) {
    return new InvalidArgumentError(
      `The answer of ${what} is larger than a read may be; ask for a shorter range. ${sentence}`,
      details,
    )
  }
  if (busyCodes.has(code)) {
    return new RetryableError(`The views store is busy with ${what}: ${sentence}`, details, error)
  }
  if (deniedCodes.has(code)) {
    const advice = 'check user and password of VIEWS_URL, and that both sides are of one version'
    return new InvalidArgumentError(`The views store refuses ${what}; ${advice}. ${sentence}`, {
      ...details,
    })
  }
  if (code === 60 || code === 81) {
    const advice = 'The tables are missing; run `wattproof migrate`.'
    return new InvalidArgumentError(`${advice} ${sentence}`, details)
  }
  return new InvariantError(`The views store fails at ${what}: ${sentence}`, details, error)
}
