import { RetryableError } from './wattproofError.ts'

export class ChainSilentError extends RetryableError {
  constructor(rpc: { readonly origin?: string; readonly reason: string }, cause: unknown) {
    const at = rpc.origin === undefined ? '' : ` at ${rpc.origin}`
    super(`The chain${at} does not answer: ${rpc.reason}.`, rpc, cause)
  }
}
