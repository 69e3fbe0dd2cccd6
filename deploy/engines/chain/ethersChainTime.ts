import * as z from 'zod'
import { RpcError } from '../../../schemas/errors/chain.ts'
import { chainTimeCode } from '../../../schemas/errors/embeddedAnvil.ts'
import { readHead } from './ethersChainHead.ts'
import type { TransactionsOptions } from './ethersChainRequest.ts'
import type { Rpc } from './ethersChainRpc.ts'

export const setTimeMethod = 'evm_setNextBlockTimestamp'
/** A method of our own chain's guard: why no block time is accepted now, or null. */
export const clockMethod = 'wattproof_clock'

/**
 * Our own anvil: the next block is mined at the clock's time, and never before the last one.
 *
 * @throws RpcError, to be tried again, while the owner of the chain does not believe the clock: a
 * block of the time before would let what is late seem in time.
 */
export async function setTime({ followClock, rpc }: TransactionsOptions): Promise<void> {
  if (!followClock) return
  const clockS = Math.floor(followClock.nowMs() / 1000)
  const timestampS = Math.max((await readHead(rpc)).timestampS + 1, clockS)
  await rpc.call(setTimeMethod, [timestampS]).catch((error: unknown) => {
    // Another sender's later block came in between; ours then follows a second after it.
    if (!(error instanceof RpcError) || error.code === chainTimeCode) throw error
  })
}

/** Why the clock is not followed now; null where nothing prevents it. */
export async function readClockWait(rpc: Rpc): Promise<string | null> {
  return rpc.read(z.string().nullable(), clockMethod)
}
