import { hideCredentials } from './hideCredentials.ts'
import type { ErrorKind } from './kinds.ts'

/**
 * Three ways to fail, and who must act on each.
 *
 * The caller corrects an `InvalidArgumentError`, we fix an `InvariantError`, and a
 * `RetryableError` may succeed when retried. Each refusal has its own subclass, made from data;
 * its sentence says what went wrong and what to do. User and password of a URL are left out of
 * sentence and data, whoever gave them.
 */
export abstract class WattproofError extends Error {
  /** Determines the HTTP status and the exit code: `kinds.ts`. */
  abstract readonly kind: ErrorKind
  /** Data of the sentence, so that nobody has to parse it. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(sentence: string, details: object = {}, cause?: unknown) {
    // `{ cause: undefined }` would be printed as one.
    super(hideCredentials(sentence), cause === undefined ? undefined : { cause })
    this.name = new.target.name
    const data = Object.entries(details).map(([name, value]) => {
      return [name, typeof value === 'string' ? hideCredentials(value) : value]
    })
    this.details = Object.fromEntries(data)
  }
}

export class InvalidArgumentError extends WattproofError {
  readonly kind: ErrorKind = 'invalid'
}

/** Our own mistake. The sentence goes to the log only, never to a client. */
export class InvariantError extends WattproofError {
  readonly kind: ErrorKind = 'internal'
}

export class RetryableError extends WattproofError {
  readonly kind: ErrorKind = 'not-now'
}

/** What is asked for by name. */
type Named =
  | 'baseline method'
  | 'batch job'
  | 'contract'
  | 'event'
  | 'ingest'
  | 'job'
  | 'model'
  | 'page'
  | 'partitioned row set'
  | 'query'
  | 'roster'
  | 'row set'
  | 'topic'
  | 'view'

/** Something named does not exist. */
export class NotFoundError extends InvalidArgumentError {
  override readonly kind = 'not-found'

  constructor(what: Named, name: string) {
    super(`There is no ${what} named ${name}.`, { what, name })
  }
}

/** Throws on what can only be our own mistake: better no settlement than a wrong one. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence)
}

/** A reason as the end of another sentence, which adds the full stop itself. */
export function clauseOf(reason: string): string {
  return reason.replace(/[.\s]+$/, '')
}

/** The sentence of anything thrown, without user and password of a URL. */
export function sentenceOf(error: unknown): string {
  return hideCredentials(error instanceof Error ? error.message : String(error))
}
