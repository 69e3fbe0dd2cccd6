import { InvalidArgumentError, InvariantError, RetryableError } from './wattproofError.ts'

export class ChainSilentError extends RetryableError {
  constructor(rpc: { readonly reason: string }, cause: unknown) {
    super(`The chain does not answer: ${rpc.reason}`, rpc, cause)
  }
}

export class ChainUnreachableError extends RetryableError {
  constructor(rpc: { readonly origin: string; readonly reason: string }, cause: unknown) {
    super(`The chain at ${rpc.origin} cannot be reached: ${rpc.reason}.`, rpc, cause)
  }
}

export class NoInterfaceError extends InvalidArgumentError {
  constructor(asked: { readonly contract: string }) {
    super(`There is no interface of ${asked.contract}.`, asked)
  }
}

export class NoMethodError extends InvalidArgumentError {
  constructor(asked: { readonly contract: string; readonly method: string }) {
    super(`${asked.contract} has no method ${asked.method}.`, asked)
  }
}

/** A call that reverts; `error` and `args` come from the contract. */
export class ContractRefusesError extends InvalidArgumentError {
  constructor(
    revert: {
      readonly contract: string
      readonly method: string
      readonly error: string
      readonly args: readonly unknown[]
    },
    cause: Error,
  ) {
    const { contract, method, error, args } = revert
    const reason = error === 'unknown' ? cause.message : `${error}(${args.map(String).join(', ')})`
    super(`${contract}.${method} is refused by the contract: ${reason}.`, revert, cause)
  }
}

export class TransactionRefusedError extends InvalidArgumentError {
  constructor(
    transaction: { readonly once: string; readonly sender: string; readonly reason: string },
    cause: unknown,
  ) {
    const { sender, reason } = transaction
    super(`The chain refuses a transaction of ${sender}: ${reason}.`, transaction, cause)
  }
}

export class NotInBlockYetError extends RetryableError {
  constructor(request: {
    readonly contract: string
    readonly method: string
    readonly once: string
  }) {
    const { contract, method } = request
    super(`${contract}.${method} is not in a block yet; asking again carries on.`, request)
  }
}

/** One sender per key: two processes with the same key would use the same nonces. */
export class KeyInUseError extends InvariantError {
  constructor(key: { readonly sender: string }) {
    super(
      `Another process sends with the key of ${key.sender}. One key, one sender: stop the other.`,
      key,
    )
  }
}
