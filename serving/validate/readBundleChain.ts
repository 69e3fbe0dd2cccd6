import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain, ContractCall, ContractName } from '../../schemas/ports/chain.ts'
import type { Header } from '../../schemas/settlement.ts'
import {
  type PeriodInfo,
  readClaimed,
  readHeader,
  readInfo,
  readStakeAt,
} from '../anchor/readAnchor.ts'
import type { Commitment } from '../settlement/refuseCommitment.ts'

/** Calls a view of a contract at an address; `readCall` of `engines/ethersChain.ts` is one. */
export type ReadContract = (call: ContractCall, at: Address) => Promise<unknown>

/** What a chain says of the settlement that a bundle is about. */
export type BundleOnChain = {
  readonly header: Header
  readonly info: PeriodInfo
  readonly vault: Address
  readonly registry: Address
  readonly commitment: Commitment & { readonly root: Hex32 }
  /** Of each that was asked for, in the snapshot that the period was decided by, micros. */
  readonly stakes: ReadonlyMap<Address, bigint>
  /** All the payee was ever paid, micros. */
  readonly claimed: bigint
}

export type ReadBundleChainParameters = {
  readonly read: ReadContract
  /** The only address that is believed: it names the others. */
  readonly anchor: Address
  readonly period: number
  readonly payee: Address
  readonly signers: readonly Address[]
}

/** Null for a period that the anchor does not know. */
export async function readBundleChain(
  parameters: ReadBundleChainParameters,
): Promise<BundleOnChain | null> {
  const { anchor, period, payee, signers } = parameters
  const addressOf = async (method: string) =>
    (await parameters.read({ contract: 'SettlementAnchor', method, args: [] }, anchor)) as Address
  const [registry, vault, baselines] = [
    await addressOf('registry'),
    await addressOf('vault'),
    await addressOf('baselines'),
  ]
  const addresses: Partial<Record<ContractName, Address>> = {
    SettlementAnchor: anchor,
    ValidatorRegistry: registry,
    IncentiveVault: vault,
    BaselineCommitment: baselines,
  }
  const chain: Pick<Chain, 'read'> = {
    read: <T>(call: ContractCall) =>
      parameters.read(call, addresses[call.contract] ?? anchor) as Promise<T>,
  }
  const info = await readInfo(chain, period)
  if (info.state === 'none') return null
  const header = await readHeader(chain, period)
  const stakes = new Map<Address, bigint>()
  for (const each of signers) stakes.set(each, await readStakeAt(chain, period, each))
  return {
    ...{ header, info, vault, registry, stakes },
    commitment: await readCommitted(chain, header.eventHash),
    claimed: await readClaimed(chain, payee),
  }
}

async function readCommitted(chain: Pick<Chain, 'read'>, eventHash: Hex32) {
  const { root, startS, committedAtS } = await chain.read<
    { root: Hex32 } & Record<keyof Commitment, bigint>
  >({ contract: 'BaselineCommitment', method: 'commitmentOf', args: [eventHash] })
  return { root, startS: Number(startS), committedAtS: Number(committedAtS) }
}
