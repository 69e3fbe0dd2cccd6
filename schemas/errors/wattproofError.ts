import type { ErrorKind } from './kinds.ts'

/**
 * Three ways to fail, and who acts on each.
 *
 * The class is the instruction: the caller mends an `InvalidArgumentError`, we mend an
 * `InvariantError`, and a `RetryableError` mends itself if asked again. Below these stands one
 * class a refusal, made from data; its sentence says what went wrong and what to do.
 */
export abstract class WattproofError extends Error {
  /** What it is over HTTP and to a shell: `kinds.ts`. */
  abstract readonly kind: ErrorKind
  /** Data the sentence was made from, so that nobody has to parse the sentence. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(sentence: string, details: object = {}, cause?: unknown) {
    super(sentence, { cause })
    this.name = new.target.name
    this.details = { ...details }
  }
}

export class InvalidArgumentError extends WattproofError {
  readonly kind: ErrorKind = 'invalid'
}

/** Our own mistake. The sentence is for us and for the log; no client is shown it. */
export class InvariantError extends WattproofError {
  readonly kind: ErrorKind = 'internal'
}

export class RetryableError extends WattproofError {
  readonly kind: ErrorKind = 'not-now'
}

/** Something named does not exist. */
export class NotFoundError extends InvalidArgumentError {
  override readonly kind = 'not-found'

  constructor(what: string, name: string) {
    super(`There is no ${what} named ${name}.`, { what, name })
  }
}

/** Stops on what can only be our own mistake: better no settlement than a wrong one. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence)
}

/** The sentence of anything thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
