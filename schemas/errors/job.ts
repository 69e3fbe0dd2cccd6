import { ConfigurationError } from './configuration.ts'
import type { ErrorKind } from './kinds.ts'
import { InvalidArgumentError, RetryableError } from './wattproofError.ts'

export class JobDataError extends InvalidArgumentError {
  constructor(given: { readonly job: string; readonly issues: string }) {
    super(`The data of job ${given.job} do not fit: ${given.issues}`, given)
  }
}

export class JobIdError extends InvalidArgumentError {
  constructor(given: { readonly id: string }) {
    super(`"${given.id}" is not a job id; it must not be empty or contain ":".`, given)
  }
}

export class JobWorkedOnError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(`This process already has a worker for jobs named ${given.name}.`, given)
  }
}

export class JobsUrlError extends ConfigurationError {
  constructor(given: { readonly scheme: string | undefined }) {
    super(`JOBS_URL must begin with postgres:// or redis://, not with ${given.scheme}://.`, given)
  }
}

export class JobsUnreachableError extends RetryableError {
  constructor(store: { readonly engine?: 'Redis' }, cause: unknown) {
    super(`${store.engine ?? 'The store of jobs'} cannot be reached.`, store, cause)
  }
}

export class JobProcessEndedError extends RetryableError {
  constructor(process: { readonly job: string; readonly how: string }) {
    super(`The process of ${process.job} ended: ${process.how}.`, process)
  }
}

/** By a signal from outside, as the system sends it when memory is short: no fault of the job. */
export class JobProcessKilledError extends RetryableError {
  constructor(process: { readonly job: string; readonly signal: string }) {
    super(`The process of ${process.job} was killed (${process.signal}).`, process)
  }
}

/** A job that needs more memory than there is: each retry would use it up again. */
export class JobKilledTooOftenError extends InvalidArgumentError {
  constructor(given: { readonly cause: string; readonly kills: number }) {
    super(
      `${given.cause} That happened ${given.kills} times in a row, which mostly means that the ` +
        'machine has too little memory for it. With fewer processes (WATTPROOF_SHARDS=1), or ' +
        'more memory, ask for the job again.',
      given,
    )
  }
}

type InJob = {
  readonly job: string
  /** The class of the error in the job's process. */
  readonly error: string
  readonly kind: ErrorKind
  readonly sentence: string
}

/** A refusal in a job's process, where a retry is useless. */
export class RefusedInJobError extends InvalidArgumentError {
  override readonly kind: ErrorKind

  constructor({ sentence, ...refusal }: InJob) {
    super(sentence, refusal)
    this.kind = refusal.kind
  }
}

/** A failure in a job's process that a retry may not meet again. */
export class FailedInJobError extends RetryableError {
  override readonly kind: ErrorKind

  constructor({ sentence, ...failure }: InJob) {
    super(sentence, failure)
    this.kind = failure.kind
  }
}

export class NoJobProcessError extends RetryableError {
  constructor(process: { readonly job: string }, cause: unknown) {
    super(`No process for ${process.job} could be started.`, process, cause)
  }
}
