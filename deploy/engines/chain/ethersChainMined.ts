import { MinedRevertError, RpcError } from '../../../schemas/errors/chain.ts'
import { count, known, receipt } from './ethersChainAnswers.ts'
import { readHead } from './ethersChainHead.ts'
import {
  callOf,
  isLive,
  type MinedTransaction,
  type TransactionRequest,
  type TransactionsOptions,
} from './ethersChainRequest.ts'

/** The mined attempt; `shallow` until there are enough blocks on top. */
export async function findMined(
  options: TransactionsOptions,
  request: TransactionRequest,
): Promise<MinedTransaction | 'shallow' | null> {
  const { rpc, attempts } = options
  for (const row of attempts.of(request.once).filter(isLive).reverse()) {
    const found = await rpc.read(receipt.nullable(), 'eth_getTransactionReceipt', [row.hash])
    if (!found) continue
    const { blockNumber: block, gasUsed } = found
    if (!(await isDeep(options, block))) return 'shallow'
    if (found.status === 0) {
      await attempts.update(row, { state: 'failed', block, gasUsed })
      throw await explainFailure(options, request, block)
    }
    if (row.state !== 'mined' || row.block !== block) {
      await attempts.update(row, { state: 'mined', block, gasUsed })
    }
    return { hash: row.hash, block, gasUsed, contractAddress: found.contractAddress ?? null }
  }
  return null
}

async function isDeep(options: TransactionsOptions, block: number): Promise<boolean> {
  const { rpc, confirmations, durableBlock } = options
  if (durableBlock && durableBlock() < block) return false
  if (confirmations === 0) return true
  return (await rpc.read(count, 'eth_blockNumber')) - block >= confirmations
}

/**
 * True when none of our attempts can be mined any more because another transaction has their
 * nonce, deep enough. Checked between two equal heads: a block that vanishes in between
 * would otherwise make our own transaction look like another's.
 */
export async function isNonceTaken(options: TransactionsOptions, once: string): Promise<boolean> {
  const { rpc, attempts, confirmations, signer } = options
  const rows = attempts.of(once).filter(isLive)
  const head = await readHead(rpc)
  const depth = Math.max(head.number - confirmations, 0)
  const tag = confirmations === 0 ? 'latest' : `0x${depth.toString(16)}`
  const next = await rpc.read(count, 'eth_getTransactionCount', [signer.address, tag])
  if (rows.some((row) => row.nonce >= next)) return false
  for (const row of rows) {
    if (await rpc.read(known, 'eth_getTransactionReceipt', [row.hash])) return false
  }
  if ((await readHead(rpc)).hash !== head.hash) return false
  for (const row of rows) await attempts.update(row, { state: 'replaced' })
  return true
}

/** A transaction that was mined and failed: the call is repeated to learn the reason. */
async function explainFailure(
  { rpc, contracts, signer }: TransactionsOptions,
  request: TransactionRequest,
  block: number,
): Promise<Error> {
  try {
    const before = `0x${Math.max(block - 1, 0).toString(16)}`
    await rpc.call('eth_call', [callOf(request, signer.address), before])
  } catch (error) {
    if (error instanceof RpcError && error.isRevert) return contracts.explain(request, error)
  }
  return contracts.explain(request, new MinedRevertError())
}
