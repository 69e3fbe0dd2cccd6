import { RpcError } from '../../../schemas/errors/chain.ts'
import type { Hex32 } from '../../../schemas/ids.ts'
import { block, wei } from './ethersChainAnswers.ts'
import type { Rpc } from './ethersChainRpc.ts'

type Head = {
  readonly number: number
  readonly hash: Hex32
  readonly timestampS: number
  /** wei a gas */
  readonly baseFee: bigint
}

/** wei a gas */
type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }

/** Twice the base fee, as it may rise while the transaction waits, and the tip the node asks. */
export async function readFees(rpc: Rpc): Promise<Fees> {
  const { baseFee } = await readHead(rpc)
  const tip = await rpc.read(wei, 'eth_maxPriorityFeePerGas').catch((error: unknown) => {
    if (error instanceof RpcError) return 1_000_000_000n
    throw error
  })
  return { maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip }
}

export async function readHead(rpc: Rpc): Promise<Head> {
  const latest = await rpc.read(block, 'eth_getBlockByNumber', ['latest', false])
  const { number, hash, timestamp: timestampS, baseFeePerGas: baseFee = 0n } = latest
  return { number, hash, timestampS, baseFee }
}
