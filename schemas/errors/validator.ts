import { clauseOf, InvalidArgumentError, RetryableError } from './wattproofError.ts'

/** A validator asked its operator's API for a settlement that the API does not have. */
export class UnknownSettlementError extends InvalidArgumentError {
  constructor(asked: { readonly settlementNumber: number }) {
    super(`The installation has no settlement ${asked.settlementNumber}.`, asked)
  }
}

export class InstallationSilentError extends RetryableError {
  constructor(asked: { readonly origin: string; readonly reason: string }, cause?: unknown) {
    super(`The API at ${asked.origin} does not answer: ${clauseOf(asked.reason)}.`, asked, cause)
  }
}

/** It answers, with a failure of its own. */
export class InstallationFailsError extends InstallationSilentError {
  constructor(asked: { readonly origin: string; readonly status: number }) {
    super({ origin: asked.origin, reason: `it answers ${asked.status}` })
  }
}

export class VerdictNotTakenError extends InvalidArgumentError {
  constructor(answer: {
    readonly status: number
    /** What the installation says; null where it says nothing. */
    readonly reason: string | null
  }) {
    const { status, reason } = answer
    super(`The installation refuses the verdict: ${reason ?? `status ${status}`}`, answer)
  }
}

export class PublishedTooLargeError extends InvalidArgumentError {
  constructor(limit: { readonly bytesMax: number }) {
    super(
      `The published settlement is larger than ${limit.bytesMax} bytes, the most that is read.`,
      limit,
    )
  }
}
