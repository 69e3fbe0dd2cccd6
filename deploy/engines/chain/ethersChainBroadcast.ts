import { RpcError, TransactionRefusedError } from '../../../schemas/errors/chain.ts'
import { count, known } from './ethersChainAnswers.ts'
import { giveGas } from './ethersChainGas.ts'
import type { TransactionRow } from './ethersChainJournal.ts'
import type { TransactionsOptions } from './ethersChainRequest.ts'
import { setTime } from './ethersChainTime.ts'

/** Healing: broadcasts again, byte for byte, what the chain should know of and does not. */
export async function broadcastLost(options: TransactionsOptions): Promise<void> {
  const { rpc, attempts, signer } = options
  const next = await rpc.read(count, 'eth_getTransactionCount', [signer.address, 'latest'])
  for (const row of attempts.live().filter((each) => each.nonce >= next)) {
    const seen = await rpc.read(known, 'eth_getTransactionByHash', [row.hash])
    if (seen === null) await broadcast(options, row).catch(unlessRefused)
    else attempts.reasons.delete(row.hash)
  }
}

/** Whoever waits for it signs it again and learns why; nobody else's transaction waits. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof TransactionRefusedError)) throw error
}

/**
 * Known, mined, outbid by a later attempt of ours, or too cheap now: the loop will tell. JSON-RPC
 * has no codes for these, so texts must do. A nonce that is too high counts too: some sequencers
 * keep such a transaction for a while, and signing it again would be a second effect.
 */
const mayStillBeMined = anyOf([
  ...['already', 'known transaction', 'imported', String.raw`\w*nonce`, 'underpriced'],
  ...['replacement', 'replace pending', 'base ?fee', 'fee ?too ?low'],
])

/**
 * The node has too much to do, or its keeper a limit on requests. Behind such an answer the
 * transaction may have been taken: signed again it could have a second effect.
 */
const isBusyText = anyOf([
  ...['too many', 'rate ?limit', 'requests?', 'limit exceeded', '(tx)?pool (is )?full'],
  ...['time(d )?-?out', 'busy', 'overloaded', 'unavailable', 'temporar', 'try again'],
  'internal error',
])
/** EIP-1474's, and that of HTTP, which some put in its place. */
const busyCodes = [-32_005, 429]

function isBusy({ code, reason }: RpcError): boolean {
  return busyCodes.includes(code) || isBusyText.test(reason)
}

function anyOf(texts: readonly string[]): RegExp {
  return new RegExp(`\\b(${texts.join('|')})`, 'i')
}

/** @throws TransactionRefusedError when the node will never take it. */
export async function broadcast(options: TransactionsOptions, row: TransactionRow): Promise<void> {
  const { rpc, attempts } = options
  await setTime(options)
  await giveGas(options)
  try {
    await rpc.call('eth_sendRawTransaction', [row.raw])
    attempts.reasons.delete(row.hash)
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    if (mayStillBeMined.test(error.reason) || isBusy(error)) {
      attempts.reasons.set(row.hash, error.reason)
      return
    }
    await attempts.update(row, { state: 'refused' })
    const { once, sender } = row
    throw new TransactionRefusedError({ once, sender, reason: error.reason }, error)
  }
}
