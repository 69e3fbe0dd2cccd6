import type { Address } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'

/** The contracts of a settlement. */
export type ChainPlace = {
  readonly chainId: number
  readonly anchor: Address
  readonly vault: Address
  readonly registry: Address
}

export async function placeOf(chain: Chain): Promise<ChainPlace> {
  const { chainId, contracts } = await chain.identity()
  return {
    chainId,
    anchor: contracts.SettlementAnchor,
    vault: contracts.IncentiveVault,
    registry: contracts.ValidatorRegistry,
  }
}
