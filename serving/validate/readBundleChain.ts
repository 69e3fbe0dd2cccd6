import type { Address } from '../../schemas/ids.ts'
import type { Chain, ContractCall, ContractName } from '../../schemas/ports/chain.ts'
import type { Header } from '../../schemas/settlement.ts'
import { readCommitment, readHeader, readInfo, type SettlementInfo } from '../anchor/readAnchor.ts'
import { readStakeAt } from '../anchor/readStakes.ts'
import { readClaimed } from '../anchor/readVault.ts'
import type { Commitment } from '../settlement/refuseCommitment.ts'

/** Calls a view function of the contract at an address, as `readCall` of `ethersChain.ts` does. */
export type ReadContract = (call: ContractCall, at: Address) => Promise<unknown>

/** The state on chain of a bundle's settlement. */
export type BundleOnChain = {
  readonly header: Header
  readonly info: SettlementInfo
  readonly vault: Address
  readonly registry: Address
  readonly commitment: Commitment | null
  /** Stake of each signer asked for, in the settlement's snapshot, micros. */
  readonly stakes: ReadonlyMap<Address, bigint>
  /** Total ever paid to the payee, micros. */
  readonly claimed: bigint
}

export type ReadBundleChainParameters = {
  readonly read: ReadContract
  /** The only address that is trusted; the other contracts' addresses are read from it. */
  readonly anchor: Address
  readonly settlementNumber: number
  readonly payee: Address
  readonly signers: readonly Address[]
}

/** Null for a settlement that the anchor does not know. */
export async function readBundleChain(
  parameters: ReadBundleChainParameters,
): Promise<BundleOnChain | null> {
  const { anchor, settlementNumber, payee, signers } = parameters
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
  const info = await readInfo(chain, settlementNumber)
  if (info.state === 'none') return null
  const header = await readHeader(chain, settlementNumber)
  const stakes = new Map<Address, bigint>()
  for (const each of signers) stakes.set(each, await readStakeAt(chain, settlementNumber, each))
  return {
    ...{ header, info, vault, registry, stakes },
    commitment: await readCommitment(chain, header.eventHash),
    claimed: await readClaimed(chain, payee),
  }
}
