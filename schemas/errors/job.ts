import { InvalidArgumentError } from './wattproofError.ts'

export class JobDataError extends InvalidArgumentError {
  constructor(given: { readonly job: string; readonly issues: string }) {
    super(`The data of job ${given.job}: ${given.issues}`, given)
  }
}
