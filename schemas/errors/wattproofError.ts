/**
 * Three ways to fail, and who acts on each.
 *
 * The class is the instruction: the caller mends an `InvalidArgumentError`, we mend an
 * `InvariantError`, and a `RetryableError` mends itself if asked again.
 */
export abstract class WattproofError extends Error {
  /** Data the sentence was made from, so that nobody has to parse the sentence. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(sentence: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(sentence, { cause })
    this.name = new.target.name
    this.details = details
  }
}

export class InvalidArgumentError extends WattproofError {}
export class InvariantError extends WattproofError {}
export class RetryableError extends WattproofError {}

/** A gap too long to bridge by the method's own rule. */
export class MeterGapError extends InvalidArgumentError {
  constructor(gap: { meter: string; startMs: number; missing: number; allowed: number }) {
    super(
      `Meter ${gap.meter} misses ${gap.missing} intervals from ` +
        `${new Date(gap.startMs).toISOString()}; the method bridges at most ${gap.allowed}.`,
      gap,
    )
  }
}

/** A trained model that does not beat what it has to beat; it is not released. */
export class ModelUnderperformingError extends InvalidArgumentError {
  constructor(miss: { model: string; metric: string; value: number; threshold: number }) {
    super(
      `Model ${miss.model} reaches ${miss.metric} ${miss.value}; ` +
        `it must stay below ${miss.threshold} to be released.`,
      miss,
    )
  }
}

/** Something named does not exist. */
export class NotFoundError extends InvalidArgumentError {
  constructor(what: string, name: string) {
    super(`There is no ${what} named ${name}.`, { what, name })
  }
}

/** Refuses what a caller got wrong. */
export function validateArgument(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvalidArgumentError(sentence)
}

/** Stops on what can only be our own mistake: better no settlement than a wrong one. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence)
}

/** The sentence of anything thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
