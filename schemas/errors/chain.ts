import { clauseOf, InvalidArgumentError, InvariantError, RetryableError } from './wattproofError.ts'

const noMessage = 'no message'

/** A node's error response: to a call that reverts, or to a request that the node refuses. */
export class RpcError extends RetryableError {
  /** The node's own message. */
  readonly reason: string
  readonly code: number
  /** Data of the revert as `0x…`, where there was one. */
  readonly data: string | null

  constructor(answer: {
    readonly method: string
    /** Null where it gave none. */
    readonly reason: string | null
    readonly code: number
    readonly data: string | null
  }) {
    const reason = answer.reason ?? noMessage
    super(`The chain's node refuses ${answer.method}: ${reason}`, answer)
    this.reason = reason
    this.code = answer.code
    this.data = answer.data
  }

  /** True if the call ran and reverted; false if the node refused it. */
  get isRevert(): boolean {
    return this.code === 3 || this.data !== null || /revert/i.test(this.reason)
  }
}

/** A transaction that was mined and failed, and whose call does not fail when it is repeated. */
export class MinedRevertError extends RpcError {
  constructor() {
    const reason = 'reverted when it was mined'
    super({ method: 'eth_call', reason, code: 3, data: null })
  }
}

/** An answer of another shape than Ethereum's JSON-RPC has, as of a proxy. */
export class ChainAnswerError extends RetryableError {
  constructor(
    answer: {
      readonly method: string
      /** The member that is wrong, '' for the whole. */
      readonly member: string
      readonly fault: string
    },
    cause: unknown,
  ) {
    const where = answer.member === '' ? '' : ` (${answer.member})`
    super(
      `The answer of the chain's node to ${answer.method} cannot be read${where}: ` +
        `${answer.fault}. Check that CHAIN_URL is the RPC of a chain.`,
      answer,
      cause,
    )
  }
}

export class ChainUnreachableError extends RetryableError {
  constructor(rpc: { readonly origin: string; readonly reason: string }, cause: unknown) {
    super(`The chain at ${rpc.origin} cannot be reached: ${clauseOf(rpc.reason)}.`, rpc, cause)
  }
}

/** The socket of an embedded chain, which is for the owner of its folder alone. */
export class ChainBarredError extends RetryableError {
  override readonly kind = 'configuration'

  constructor(socket: { readonly file: string }, cause: unknown) {
    super(`${socket.file} is closed to this user: ${chainAdvice}`, socket, cause)
  }
}

/** No chain is configured, and none is in the folder. */
export class NoChainError extends InvalidArgumentError {
  override readonly kind = 'configuration'

  constructor(folder: { readonly dir: string }) {
    super(`There is no chain in ${folder.dir}, and CHAIN_URL is not set: ${chainAdvice}`, folder)
  }
}

const chainAdvice =
  'an embedded chain is reached by its owner alone. Start the installation with CHAIN_URL of a ' +
  'chain that both reach, such as a node of your own, and set CHAIN_URL to the same here.'

/** The node starts or has too much to do: nothing was refused, and nothing done. */
export class NodeBusyError extends RetryableError {
  constructor(node: { readonly reason: string | null }) {
    super(`The chain's node is busy: ${node.reason ?? noMessage}`, node)
  }
}

export class NoInterfaceError extends InvalidArgumentError {
  constructor(asked: { readonly contract: string }) {
    super(`The ABI of the contract ${asked.contract} is missing.`, asked)
  }
}

export class NoMethodError extends InvalidArgumentError {
  constructor(asked: { readonly contract: string; readonly method: string }) {
    super(`${asked.contract} has no method ${asked.method}.`, asked)
  }
}

/** A call that reverts; `error` and `args` come from the contract. */
export class ContractRefusesError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(
    revert: {
      readonly contract: string
      readonly method: string
      readonly error: string
      readonly args: readonly unknown[]
    },
    cause: RpcError,
  ) {
    const { contract, method, error, args } = revert
    const reason = error === 'unknown' ? cause.reason : `${error}(${args.map(String).join(', ')})`
    super(`${contract}.${method} is refused by the contract: ${reason}.`, revert, cause)
  }
}

export class TransactionRefusedError extends InvalidArgumentError {
  override readonly kind = 'conflict'

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
    /** The node's own message when it did not take the transaction. */
    readonly reason: string | null
  }) {
    const { contract, method, reason } = request
    const said = reason === null ? '' : ` (the node says: ${reason})`
    super(
      `${contract}.${method} is not mined yet${said}; the same request again waits on.`,
      request,
    )
  }
}

/** The node that was asked may be behind the one that gave the receipt. */
export class NoCodeYetError extends RetryableError {
  constructor(deployed: { readonly contract: string; readonly address: string }) {
    const { contract, address } = deployed
    super(
      `The chain's node does not know the code of ${contract} at ${address} yet; the same ` +
        'command again continues.',
      deployed,
    )
  }
}

/** One sender per key: two processes with the same key would use the same nonces. */
export class KeyInUseError extends InvariantError {
  constructor(key: { readonly sender: string }) {
    super(
      `Another process sends transactions with the key of ${key.sender}. Stop it: only one ` +
        'process may send with a key.',
      key,
    )
  }
}
