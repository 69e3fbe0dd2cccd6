import { ChainMethodError, ChainParametersError } from '../../schemas/errors/embeddedAnvil.ts'
import { giveGasMethod } from '../engines/chain/ethersChainGas.ts'
import { clockMethod, setTimeMethod } from '../engines/chain/ethersChainTime.ts'
import type { ChainTime } from './chainTime.ts'

/** Asks the node; the answer is its own, a refusal included. */
export type AskNode = (method: string, parameters: readonly unknown[]) => Promise<NodeAnswer>
export type NodeAnswer = { readonly result: unknown } | { readonly error: unknown }

/**
 * What the layers, the deployment of the contracts, `verify` and the demo ask. None of it can act
 * for an account without its key, or change or reset the chain but by a signed transaction.
 */
export const passedMethods: readonly string[] = [
  ...['eth_chainId', 'eth_blockNumber', 'eth_getBlockByNumber', 'eth_getLogs', 'eth_getCode'],
  ...['eth_call', 'eth_estimateGas', 'eth_maxPriorityFeePerGas'],
  ...['eth_getTransactionCount', 'eth_getTransactionByHash', 'eth_getTransactionReceipt'],
  'eth_sendRawTransaction',
  // Blocks follow the installation's clock, and go no further.
  setTimeMethod,
]

/** Passed methods that cannot cause a new block. */
export const readingMethods: ReadonlySet<string> = new Set(
  passedMethods.filter((method) => method.startsWith('eth_') && !method.startsWith('eth_send')),
)

const gasWeiMin = 10n ** 19n
const gasWei = 10n ** 21n

export type Passing = {
  readonly ask: AskNode
  readonly passed: ReadonlySet<string>
  /** Null: of a test, which moves time as it likes. */
  readonly time: ChainTime | null
}

/**
 * Passes a request to the node if it is one of ours.
 *
 * @throws ChainMethodError, ChainParametersError for one that is not, ChainTimeError.
 */
export async function passMethod(
  asked: { readonly method: string; readonly parameters: readonly unknown[] },
  { ask, passed, time }: Passing,
): Promise<NodeAnswer> {
  const { method, parameters } = asked
  const isOurs = method === giveGasMethod || method === clockMethod
  if (!isOurs && !passed.has(method)) throw new ChainMethodError({ method })
  if (!isPlain(parameters)) throw new ChainParametersError({ method })
  if (method === clockMethod) return { result: time?.waits() ?? null }
  if (method === setTimeMethod) await checkTime({ ask, time }, parameters)
  return method === giveGasMethod ? giveGas(ask, parameters) : ask(method, parameters)
}

/** A second after the last block is what the node does by itself. */
async function checkTime({ ask, time }: Omit<Passing, 'passed'>, parameters: readonly unknown[]) {
  const [timestampS, ...more] = parameters
  if (!Number.isSafeInteger(timestampS) || more.length > 0) {
    throw new ChainParametersError({ method: setTimeMethod })
  }
  try {
    time?.check(Number(timestampS))
  } catch (error) {
    const answer = await ask('eth_getBlockByNumber', ['latest', false])
    const block = 'result' in answer ? (answer.result as { readonly timestamp: string }) : null
    if (block === null || Number(timestampS) > Number(block.timestamp) + 1) throw error
  }
}

/** Gas is free on a chain of our own: a sender who runs out gets more, and nobody can lose any. */
async function giveGas(ask: AskNode, parameters: readonly unknown[]): Promise<NodeAnswer> {
  const [address, ...more] = parameters
  const isAddress = typeof address === 'string' && /^0x[0-9a-fA-F]{40}$/.test(address)
  if (!isAddress || more.length > 0) throw new ChainParametersError({ method: giveGasMethod })
  const balance = await ask('eth_getBalance', [address, 'latest'])
  if ('error' in balance || BigInt(String(balance.result)) >= gasWeiMin) return balance
  return ask('anvil_setBalance', [address, `0x${gasWei.toString(16)}`])
}

/**
 * True for hexadecimal, tags, numbers and what consists of them. anvil finds the end of a request
 * on its socket by counting brackets: in a text they could be the begin of another request.
 */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return /^[\w.-]*$/.test(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, each]) => /^\w+$/.test(key) && isPlain(each))
}
