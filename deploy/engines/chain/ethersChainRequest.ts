import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { ContractName } from '../../../schemas/ports/chain.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { Attempts } from './ethersChainAttempts.ts'
import type { Contracts } from './ethersChainContracts.ts'
import type { TransactionRow } from './ethersChainJournal.ts'
import type { Rpc } from './ethersChainRpc.ts'
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
  /** How often to look for transactions that the chain has lost; null: only when one is sent. */
  readonly healMs: number | null
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

/** What the node is asked when it only tries a call. */
export function callOf(request: TransactionRequest, from: Address): Record<string, string> {
  const { to, data } = request
  return { from, data, ...(to === null ? {} : { to }) }
}

export function isLive(row: TransactionRow): boolean {
  return row.state === 'pending' || row.state === 'mined'
}
