import type { Address } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import { readFounders, readStake } from './readStakes.ts'

export type StakedValidator = {
  readonly validator: Address
  readonly earned: bigint
  readonly genesis: bigint
  readonly isFounder: boolean
}

/** Blocks that are read again: a reorganisation may have added an event there. */
const reorgBlocksMax = 64

/**
 * Founders and accounts with staked earnings, with their current stake; largest first.
 *
 * Accounts are collected from the registry's events, each block once; an account whose event was
 * reorganised away has no stake and is left out.
 */
export function createValidatorReader(chain: Chain): () => Promise<readonly StakedValidator[]> {
  const earners = new Set<Address>()
  let scannedTo = 0
  return async () => {
    const { number } = await chain.head()
    const fromBlock = Math.max(0, scannedTo - reorgBlocksMax)
    const [founders, events] = await Promise.all([
      readFounders(chain),
      chain.events('ValidatorRegistry', fromBlock),
    ])
    for (const { name, args } of events) {
      if (name === 'StakeCredited') earners.add(args.account as Address)
    }
    scannedTo = number
    const validators = [...new Set([...founders, ...earners])]
    const staked = await Promise.all(
      validators.map(async (validator) => {
        const isFounder = founders.includes(validator)
        return { validator, ...(await readStake(chain, validator)), isFounder }
      }),
    )
    return staked
      .filter((each) => each.isFounder || each.earned + each.genesis > 0n)
      .sort((left, right) => compare(right.earned + right.genesis, left.earned + left.genesis))
  }
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0
}
