import type { TransactionsOptions } from './ethersChainRequest.ts'

/** A method of our own chain's guard, with an address: it gives gas to an account without any. */
export const giveGasMethod = 'wattproof_giveGas'

/** Our own anvil: asked each time, since a rollback reverts the gift too. */
export async function giveGas({ followClock, rpc, signer }: TransactionsOptions): Promise<void> {
  if (followClock) await rpc.call(giveGasMethod, [signer.address])
}
