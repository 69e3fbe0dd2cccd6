import type { Address } from '../../schemas/ids.ts'
import type { Reads } from './readAnchor.ts'

/** The total ever paid to an account, micros. */
export function readClaimed(chain: Reads, account: Address): Promise<bigint> {
  return chain.read({ contract: 'IncentiveVault', method: 'claimed', args: [account] })
}

/** Whether claims for an account become stake instead of money. */
export function readStakesEarnings(chain: Reads, account: Address): Promise<boolean> {
  return chain.read({ contract: 'IncentiveVault', method: 'stakesEarnings', args: [account] })
}
