import type { Address, Hex32 } from '../ids.ts'

/** The contracts of `contracts/src`, by name. */
export type ContractName =
  | 'ProgrammeToken'
  | 'BaselineCommitment'
  | 'ValidatorRegistry'
  | 'SettlementAnchor'
  | 'IncentiveVault'
  | 'SettlementNotifier'
  | 'SettlementLedger'

export type ContractCall = {
  readonly contract: ContractName
  readonly method: string
  readonly args: readonly unknown[]
}

export type Receipt = {
  readonly transaction: Hex32
  readonly block: number
  readonly gasUsed: number
}

export type ContractEvent = {
  readonly contract: ContractName
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly block: number
  readonly transaction: Hex32
}

export type ChainHead = {
  readonly number: number
  readonly timestampS: number
  readonly finalized: number
  /** Why nothing can be sent now, in a sentence; absent: nothing prevents it. */
  readonly waits?: string
}

export type ChainIdentity = {
  readonly chainId: number
  readonly sender: Address
  readonly contracts: Readonly<Record<ContractName, Address>>
}

/**
 * The chain our contracts live on, as one sender sees it.
 *
 * - `send` resolves when the transaction is mined and succeeded. It is safe to call again after a
 *   crash with the same `once`: the signed transaction was stored before it was broadcast, is
 *   broadcast again, and takes effect at most once.
 * - `read` uses the newest block.
 * - a revert throws InvalidArgumentError with the custom error's name and arguments in `details`;
 *   an unreachable node throws RetryableError.
 */
export interface Chain {
  identity(): Promise<ChainIdentity>
  head(): Promise<ChainHead>
  read<T = unknown>(call: ContractCall): Promise<T>
  send(call: ContractCall & { readonly once: string }): Promise<Receipt>
  events(contract: ContractName, fromBlock: number): Promise<readonly ContractEvent[]>
  close(): Promise<void>
}
