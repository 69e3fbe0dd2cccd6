import type { Address } from '../../schemas/ids.ts'
import type { Reads } from './readAnchor.ts'

/** A validator's stake in one settlement, micros. */
export function readStakeAt(
  chain: Reads,
  settlementNumber: number,
  validator: Address,
): Promise<bigint> {
  return readRegistry(chain, 'stakeAt', [validator, settlementNumber])
}

/** What all validators had earned and staked when a settlement was proposed, micros. */
export function readEarnedAt(chain: Reads, settlementNumber: number): Promise<bigint> {
  return readRegistry(chain, 'totalEarnedAt', [settlementNumber])
}

/** Stake of a validator now, micros. */
export function readStake(
  chain: Reads,
  validator: Address,
): Promise<{ readonly earned: bigint; readonly genesis: bigint }> {
  return readRegistry(chain, 'stakeOf', [validator])
}

export async function readFounders(chain: Reads): Promise<Address[]> {
  const count = Number(await readRegistry<bigint>(chain, 'founderCount', []))
  const indexes = Array.from({ length: count }, (_, index) => index)
  return Promise.all(indexes.map((index) => readRegistry<Address>(chain, 'founders', [index])))
}

function readRegistry<T>(chain: Reads, method: string, args: readonly unknown[]): Promise<T> {
  return chain.read<T>({ contract: 'ValidatorRegistry', method, args })
}
