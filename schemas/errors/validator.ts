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

export class VerdictNotTakenError extends InvalidArgumentError {
  constructor(answer: { readonly status: number; readonly reason: string }) {
    super(`The installation refuses the verdict: ${answer.reason}`, answer)
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
