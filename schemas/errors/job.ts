import { ConfigurationError } from './configuration.ts'
import { InvalidArgumentError, RetryableError } from './wattproofError.ts'

export class JobDataError extends InvalidArgumentError {
  constructor(given: { readonly job: string; readonly issues: string }) {
    super(`The data of job ${given.job}: ${given.issues}`, given)
  }
}

export class JobIdError extends InvalidArgumentError {
  constructor(given: { readonly id: string }) {
    super(`"${given.id}" is no job id: not empty, without ":".`, given)
  }
}

export class JobWorkedOnError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(`Jobs named ${given.name} are worked on already.`, given)
  }
}

export class JobsUrlError extends ConfigurationError {
  constructor(given: { readonly scheme: string | undefined }) {
    super(`Jobs run on postgres:// or redis://, not on ${given.scheme}://.`, given)
  }
}

export class JobsUnreachableError extends RetryableError {
  constructor(store: { readonly engine?: 'Redis' }, cause: unknown) {
    super(`${store.engine ?? 'The store of jobs'} cannot be reached.`, store, cause)
  }
}

export class JobProcessEndedError extends RetryableError {
  constructor(process: { readonly job: string; readonly how: string }) {
    super(`The process of ${process.job} ended by ${process.how}.`, process)
  }
}

export class NoJobProcessError extends RetryableError {
  constructor(process: { readonly job: string }, cause: unknown) {
    super(`No process for ${process.job} could be started.`, process, cause)
  }
}
