import { RetryableError } from './wattproofError.ts'

/** Other processes say registers of the same meters faster than one looks for them. */
export class RegistersUnsettledError extends RetryableError {
  constructor(seen: { readonly rounds: number }) {
    super(`Others said registers of these meters in each of ${seen.rounds} rounds.`, seen)
  }
}
