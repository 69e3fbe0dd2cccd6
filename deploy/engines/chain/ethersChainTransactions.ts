import { Transaction } from 'ethers'
import { KeyInUseError, NotInBlockYetError, RpcError } from '../../../schemas/errors/chain.ts'
import type { InvariantError, RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { fromHex, keccak, toHex } from '../../../schemas/hash.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { count, wei } from './ethersChainAnswers.ts'
import { broadcast, broadcastLost } from './ethersChainBroadcast.ts'
import { readFees } from './ethersChainHead.ts'
import type { TransactionRow } from './ethersChainJournal.ts'
import { findMined, isNonceTaken } from './ethersChainMined.ts'
import {
  callOf,
  isLive,
  type MinedTransaction,
  type TransactionRequest,
  type TransactionsOptions,
} from './ethersChainRequest.ts'
import { setTime } from './ethersChainTime.ts'

/** EIP-7825: no transaction may use more. */
const gasLimitMax = 16_777_216n
const noncesTakenMax = 3
/** The longest pause between two heals of an idle sender, in `healMs`. */
const healPausesMax = 16

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
  #healing: NodeJS.Timeout | null = null
  #healPauseMs = 0
  #turn: Promise<unknown> = Promise.resolve()
  #heal: Promise<void> | null = null
  #isClosed = false

  constructor(options: TransactionsOptions) {
    this.#options = options
    // A block may be reorganised away long after the last call; an unreachable node is retried.
    this.#healSoon()
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
    this.#healSoon()
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
    this.#heal ??= this.#inTurn(() => broadcastLost(this.#options)).finally(() => {
      this.#heal = null
    })
    return this.#heal
  }

  close(): void {
    this.#isClosed = true
    if (this.#healing) clearTimeout(this.#healing)
  }

  /** From `healMs` on, with pauses that double: what nobody touches seldom changes. */
  #healSoon(): void {
    const { healMs } = this.#options
    if (this.#healing) clearTimeout(this.#healing)
    if (healMs === null || this.#isClosed) return
    this.#healPauseMs = healMs
    const heal = async () => {
      await this.heal().catch(() => {})
      this.#healPauseMs = Math.min(2 * this.#healPauseMs, healPausesMax * healMs)
      if (!this.#isClosed) this.#healing = setTimeout(heal, this.#healPauseMs).unref()
    }
    this.#healing = setTimeout(heal, healMs).unref()
  }

  /** `start`: when the caller began to wait. */
  async #follow(request: TransactionRequest, start: number): Promise<MinedTransaction> {
    const { attempts, pollMs, waitMsMax, stuckMs } = this.#options
    let sentAt = performance.now()
    let noncesTaken = 0
    for (;;) {
      const found = await findMined(this.#options, request)
      if (found && found !== 'shallow') return found
      const newest = attempts.of(request.once).filter(isLive).at(-1)
      // In a block, which may still vanish: the next look would find it gone.
      if (found === 'shallow') sentAt = performance.now()
      else if (!newest || (await isNonceTaken(this.#options, request.once))) {
        noncesTaken++
        if (noncesTaken > noncesTakenMax) throw this.#notAlone()
        await this.#inTurn(() => this.#signNew(request))
      } else if (performance.now() - sentAt > stuckMs) {
        await this.#inTurn(() => this.#bump(request.once, newest))
        sentAt = performance.now()
      } else await this.heal()
      if (this.#isClosed || performance.now() - start > waitMsMax) throw this.#tooLong(request)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  async #signNew(request: TransactionRequest): Promise<void> {
    const { rpc, attempts, signer } = this.#options
    if (attempts.of(request.once).some(isLive)) return
    await setTime(this.#options)
    const gasLimit = await this.#estimate(request)
    const next = await rpc.read(count, 'eth_getTransactionCount', [signer.address, 'latest'])
    const nonce = firstFree(next, attempts.live())
    const fees = await readFees(rpc)
    const raw = await signer.signTransaction({ ...fees, ...this.#fields(request), nonce, gasLimit })
    const row = await attempts.add(request.once, {
      sender: signer.address,
      nonce,
      contract: request.contract,
      method: request.method,
      raw,
      hash: hashOf(raw),
      state: 'pending',
      block: 0,
      gasUsed: 0,
    })
    await broadcast(this.#options, row)
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
    const hash = hashOf(raw)
    await broadcast(this.#options, await attempts.add(once, { ...same, raw, hash }))
  }

  /** @throws InvalidArgumentError when the call would revert. */
  async #estimate(request: TransactionRequest): Promise<bigint> {
    const call = callOf(request, this.sender)
    try {
      // `pending` uses the time of the next block, which a challenge window may depend on.
      const gas = await this.#options.rpc.read(wei, 'eth_estimateGas', [call, 'pending'])
      const roomy = gas + gas / 4n
      return roomy < gasLimitMax ? roomy : gasLimitMax
    } catch (error) {
      if (error instanceof RpcError && error.isRevert)
        throw this.#options.contracts.explain(request, error)
      throw error
    }
  }

  #fields(request: TransactionRequest) {
    return { chainId: this.#options.chainId, to: request.to, data: request.data }
  }

  /** One at a time: a nonce is taken, journaled and broadcast before the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work)
    this.#turn = done.catch(() => {})
    return done
  }

  #tooLong({ contract, method, once }: TransactionRequest): RetryableError {
    const { attempts } = this.#options
    const newest = attempts.of(once).filter(isLive).at(-1)
    const reason = (newest && attempts.reasons.get(newest.hash)) ?? null
    return new NotInBlockYetError({ contract, method, once, reason })
  }

  #notAlone(): InvariantError {
    return new KeyInUseError({ sender: this.sender })
  }
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

/** Parsing the transaction for it would encode its code again, byte by byte. */
function hashOf(raw: string): Hex32 {
  return toHex(keccak(fromHex(raw)))
}
