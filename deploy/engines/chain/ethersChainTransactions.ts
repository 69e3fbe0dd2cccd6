import { Transaction } from 'ethers'
import {
  KeyInUseError,
  NotInBlockYetError,
  TransactionRefusedError,
} from '../../../schemas/errors/chain.ts'
import type {
  InvalidArgumentError,
  InvariantError,
  RetryableError,
} from '../../../schemas/errors/wattproofError.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { ContractName } from '../../../schemas/ports/chain.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { Attempts } from './ethersChainAttempts.ts'
import type { Contracts } from './ethersChainContracts.ts'
import type { TransactionRow } from './ethersChainJournal.ts'
import { type Rpc, RpcError } from './ethersChainRpc.ts'
import type { Signer } from './ethersChainSigner.ts'

export type TransactionRequest = {
  /** Name of the effect: a repeated request has no second effect. */
  readonly once: string
  readonly contract: ContractName
  readonly method: string
  /** Null creates a contract. */
  readonly to: Address | null
  readonly data: string
}

export type TransactionsOptions = {
  readonly rpc: Rpc
  readonly signer: Signer
  readonly attempts: Attempts
  readonly contracts: Contracts
  readonly chainId: number
  /**
   * Blocks on top before a transaction counts as mined; 0 where blocks are never reorganised away.
   */
  readonly confirmations: number
  /** The last block that the node cannot lose; null where `confirmations` decides. */
  readonly durableBlock: (() => number) | null
  readonly pollMs: number
  /** How often to look for transactions that the chain has lost. */
  readonly healMs: number
  /** A transaction that is still not in a block after this time is replaced with a higher fee. */
  readonly stuckMs: number
  readonly waitMsMax: number
  /** Our own anvil: block time follows this clock, and the sender gets gas. */
  readonly followClock: Clock | null
}

export type MinedTransaction = {
  readonly hash: Hex32
  readonly block: number
  readonly gasUsed: number
  readonly contractAddress: Address | null
}

type RawReceipt = {
  readonly status: string
  readonly blockNumber: string
  readonly gasUsed: string
  readonly contractAddress: string | null
}

/** EIP-7825: no transaction may use more. */
const gasLimitMax = 16_777_216n
const noncesTakenMax = 3

/**
 * Sends one sender's transactions, each effect at most once, despite crashes and reorganisations.
 *
 * A transaction is signed with the next nonce, journaled, and only then broadcast. From then on
 * only the chain is trusted, never memory: a receipt ends it; a transaction that vanished is
 * broadcast again byte for byte; one that is stuck is replaced under the same nonce with a higher
 * fee; only when another transaction has permanently taken the nonce is it signed again.
 */
export class Transactions {
  readonly #options: TransactionsOptions
  readonly #healing: NodeJS.Timeout
  #turn: Promise<unknown> = Promise.resolve()
  #heal: Promise<void> | null = null
  #isClosed = false

  constructor(options: TransactionsOptions) {
    this.#options = options
    // A block may be reorganised away long after the last call; an unreachable node is retried.
    this.#healing = setInterval(() => this.heal().catch(() => {}), options.healMs)
    this.#healing.unref()
  }

  get sender(): Address {
    return this.#options.signer.address
  }

  /**
   * @throws InvalidArgumentError for a revert, RetryableError when the chain cannot be reached or
   * takes too long (retry with the same `once`), InvariantError when another process sends
   * with the same key.
   */
  async submit(request: TransactionRequest): Promise<MinedTransaction> {
    const start = performance.now()
    await this.heal()
    const known = this.#options.attempts.of(request.once)
    if (!known.some(isLive)) await this.#inTurn(() => this.#signNew(request))
    return this.#follow(request, start)
  }

  /**
   * Rebroadcasts what the chain should know and does not. A call while one is under
   * way joins it: otherwise a node that does not answer would queue one before each send.
   */
  heal(): Promise<void> {
    this.#heal ??= this.#inTurn(() => this.#broadcastLost()).finally(() => {
      this.#heal = null
    })
    return this.#heal
  }

  close(): void {
    clearInterval(this.#healing)
    this.#isClosed = true
  }

  async #broadcastLost(): Promise<void> {
    const { rpc, attempts, signer } = this.#options
    const count = Number(await rpc.call('eth_getTransactionCount', [signer.address, 'latest']))
    for (const row of attempts.live().filter((each) => each.nonce >= count)) {
      const seen = await rpc.call('eth_getTransactionByHash', [row.hash])
      if (seen === null) await this.#broadcast(row)
    }
  }

  /** `start`: when the caller began to wait. */
  async #follow(request: TransactionRequest, start: number): Promise<MinedTransaction> {
    const { attempts, pollMs, waitMsMax, stuckMs } = this.#options
    let sentAt = performance.now()
    let noncesTaken = 0
    for (;;) {
      const found = await this.#findMined(request)
      if (found && found !== 'shallow') return found
      if (found === 'shallow') sentAt = performance.now()
      const newest = attempts.of(request.once).filter(isLive).at(-1)
      if (!newest || (await this.#isNonceTaken(request.once))) {
        noncesTaken++
        if (noncesTaken > noncesTakenMax) throw this.#notAlone()
        await this.#inTurn(() => this.#signNew(request))
      } else if (performance.now() - sentAt > stuckMs) {
        await this.#inTurn(() => this.#bump(request.once, newest))
        sentAt = performance.now()
      } else await this.heal()
      if (this.#isClosed || performance.now() - start > waitMsMax) throw tooLong(request)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  /** The mined attempt; `shallow` until there are enough blocks on top. */
  async #findMined(request: TransactionRequest): Promise<MinedTransaction | 'shallow' | null> {
    const { rpc, attempts } = this.#options
    for (const row of attempts.of(request.once).filter(isLive).reverse()) {
      const receipt = await rpc.call<RawReceipt | null>('eth_getTransactionReceipt', [row.hash])
      if (!receipt) continue
      const block = Number(receipt.blockNumber)
      const gasUsed = Number(receipt.gasUsed)
      if (!(await this.#isDeep(block))) return 'shallow'
      if (Number(receipt.status) === 0) {
        await attempts.update(row, { state: 'failed', block, gasUsed })
        throw await this.#explainFailure(request, block)
      }
      if (row.state !== 'mined' || row.block !== block) {
        await attempts.update(row, { state: 'mined', block, gasUsed })
      }
      const contractAddress = (receipt.contractAddress?.toLowerCase() ?? null) as Address | null
      return { hash: row.hash, block, gasUsed, contractAddress }
    }
    return null
  }

  async #isDeep(block: number): Promise<boolean> {
    const { rpc, confirmations, durableBlock } = this.#options
    if (durableBlock && durableBlock() < block) return false
    if (confirmations === 0) return true
    return Number(await rpc.call<string>('eth_blockNumber')) - block >= confirmations
  }

  /**
   * True when none of our attempts can be mined any more because another transaction has their
   * nonce, deep enough. Checked between two equal heads: a block that vanishes in between
   * would otherwise make our own transaction look like another's.
   */
  async #isNonceTaken(once: string): Promise<boolean> {
    const { rpc, attempts, confirmations, signer } = this.#options
    const rows = attempts.of(once).filter(isLive)
    const head = await this.#head()
    const depth = Math.max(head.number - confirmations, 0)
    const tag = confirmations === 0 ? 'latest' : `0x${depth.toString(16)}`
    const count = Number(await rpc.call('eth_getTransactionCount', [signer.address, tag]))
    if (rows.some((row) => row.nonce >= count)) return false
    for (const row of rows) {
      if (await rpc.call('eth_getTransactionReceipt', [row.hash])) return false
    }
    if ((await this.#head()).hash !== head.hash) return false
    for (const row of rows) await attempts.update(row, { state: 'replaced' })
    return true
  }

  async #signNew(request: TransactionRequest): Promise<void> {
    const { rpc, attempts, signer } = this.#options
    if (attempts.of(request.once).some(isLive)) return
    await this.#setTime()
    const gasLimit = await this.#estimate(request)
    const count = Number(await rpc.call('eth_getTransactionCount', [signer.address, 'latest']))
    const nonce = firstFree(count, attempts.live())
    const fees = await this.#fees()
    const raw = await signer.signTransaction({ ...fees, ...this.#fields(request), nonce, gasLimit })
    const row = await attempts.add(request.once, {
      sender: signer.address,
      nonce,
      contract: request.contract,
      method: request.method,
      raw,
      hash: Transaction.from(raw).hash as Hex32,
      state: 'pending',
      block: 0,
      gasUsed: 0,
    })
    await this.#broadcast(row)
  }

  /** The same transaction with tip and cap an eighth higher; nodes require at least a tenth. */
  async #bump(once: string, row: TransactionRow): Promise<void> {
    const { attempts, signer } = this.#options
    const old = Transaction.from(row.raw)
    const more = (value: bigint) => value + value / 8n + 1n
    const raw = await signer.signTransaction({
      chainId: this.#options.chainId,
      nonce: row.nonce,
      to: old.to as Address | null,
      data: old.data,
      gasLimit: old.gasLimit,
      maxFeePerGas: more(old.maxFeePerGas ?? 0n),
      maxPriorityFeePerGas: more(old.maxPriorityFeePerGas ?? 0n),
    })
    const { once: _name, version: _version, ...same } = row
    const hash = Transaction.from(raw).hash as Hex32
    await this.#broadcast(await attempts.add(once, { ...same, raw, hash }))
  }

  async #broadcast(row: TransactionRow): Promise<void> {
    const { rpc, attempts } = this.#options
    await this.#setTime()
    await this.#giveGas()
    try {
      await rpc.call('eth_sendRawTransaction', [row.raw])
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      // Known, mined, outbid by a later attempt of ours, or too cheap: the loop will tell.
      if (/known|imported|nonce|underpriced|replacement|base fee/i.test(error.message)) return
      await attempts.update(row, { state: 'refused' })
      const { once, sender } = row
      throw new TransactionRefusedError({ once, sender, reason: error.message }, error)
    }
  }

  /** @throws InvalidArgumentError when the call would revert. */
  async #estimate(request: TransactionRequest): Promise<bigint> {
    const call = this.#callOf(request)
    try {
      // `pending` uses the time of the next block, which a challenge window may depend on.
      const gas = BigInt(await this.#options.rpc.call('eth_estimateGas', [call, 'pending']))
      const roomy = gas + gas / 4n
      return roomy < gasLimitMax ? roomy : gasLimitMax
    } catch (error) {
      if (error instanceof RpcError) throw this.#explain(request, error)
      throw error
    }
  }

  /** A transaction that was mined and failed: the call is repeated to learn the reason. */
  async #explainFailure(request: TransactionRequest, block: number): Promise<Error> {
    try {
      const before = `0x${Math.max(block - 1, 0).toString(16)}`
      await this.#options.rpc.call('eth_call', [this.#callOf(request), before])
    } catch (error) {
      if (error instanceof RpcError) return this.#explain(request, error)
    }
    const error = new RpcError({ message: 'reverted when it was mined' })
    return this.#explain(request, error)
  }

  #explain(request: TransactionRequest, error: RpcError): InvalidArgumentError {
    return this.#options.contracts.explain(request, error)
  }

  #callOf(request: TransactionRequest): Record<string, string> {
    const { to, data } = request
    return { from: this.sender, data, ...(to === null ? {} : { to }) }
  }

  #fields(request: TransactionRequest) {
    return { chainId: this.#options.chainId, to: request.to, data: request.data }
  }

  async #fees(): Promise<{ maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }> {
    const { rpc } = this.#options
    const { baseFee } = await this.#head()
    const tip = await rpc
      .call<string>('eth_maxPriorityFeePerGas')
      .then(BigInt)
      .catch((error: unknown) => {
        if (error instanceof RpcError) return 1_000_000_000n
        throw error
      })
    return { maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip }
  }

  async #head(): Promise<{ number: number; hash: string; timestampS: number; baseFee: bigint }> {
    const block = await this.#options.rpc.call<Record<string, string>>('eth_getBlockByNumber', [
      'latest',
      false,
    ])
    return {
      number: Number(block.number),
      hash: block.hash ?? '',
      timestampS: Number(block.timestamp),
      baseFee: BigInt(block.baseFeePerGas ?? 0),
    }
  }

  /** Our own anvil: the next block is mined at the clock's time, and never before the last one. */
  async #setTime(): Promise<void> {
    const { followClock, rpc } = this.#options
    if (!followClock) return
    const clockS = Math.floor(followClock.nowMs() / 1000)
    const timestampS = Math.max((await this.#head()).timestampS + 1, clockS)
    await rpc.call('evm_setNextBlockTimestamp', [timestampS]).catch((error: unknown) => {
      // Another sender's later block came in between; ours then follows a second after it.
      if (!(error instanceof RpcError)) throw error
    })
  }

  /** Our own anvil: checked each time, since a rollback reverts the gift too. */
  async #giveGas(): Promise<void> {
    const { followClock, rpc } = this.#options
    if (!followClock) return
    const balance = BigInt(await rpc.call<string>('eth_getBalance', [this.sender, 'latest']))
    if (balance >= 10n ** 19n) return
    await rpc.call('anvil_setBalance', [this.sender, `0x${(10n ** 21n).toString(16)}`])
  }

  /** One at a time: a nonce is taken, journaled and broadcast before the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work)
    this.#turn = done.catch(() => {})
    return done
  }

  #notAlone(): InvariantError {
    return new KeyInUseError({ sender: this.sender })
  }
}

function isLive(row: TransactionRow): boolean {
  return row.state === 'pending' || row.state === 'mined'
}

/**
 * The lowest nonce without a pending transaction: gaps are filled first, or later ones are stuck.
 */
function firstFree(count: number, live: readonly TransactionRow[]): number {
  const taken = new Set(live.map((row) => row.nonce))
  let nonce = count
  while (taken.has(nonce)) nonce++
  return nonce
}

function tooLong(request: TransactionRequest): RetryableError {
  const { contract, method, once } = request
  return new NotInBlockYetError({ contract, method, once })
}
