import { RpcError } from '../../../schemas/errors/chain.ts'
import { ChainIdError, NoContractError } from '../../../schemas/errors/configuration.ts'
import { NotFoundError } from '../../../schemas/errors/wattproofError.ts'
import type { Address } from '../../../schemas/ids.ts'
import type {
  Chain,
  ChainHead,
  ContractCall,
  ContractEvent,
  ContractName,
} from '../../../schemas/ports/chain.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import { block, bytes, count, logs } from './ethersChainAnswers.ts'
import { openAttempts } from './ethersChainAttempts.ts'
import { type Artifacts, openContracts } from './ethersChainContracts.ts'
import type { Journal } from './ethersChainJournal.ts'
import { openRpc } from './ethersChainRpc.ts'
import type { Signer } from './ethersChainSigner.ts'
import { readClockWait } from './ethersChainTime.ts'
import { Transactions } from './ethersChainTransactions.ts'

export type ConnectChainOptions = {
  readonly url: string
  readonly signer: Signer
  readonly journal: Journal
  /** Interfaces by contract name: `wattproofArtifacts` except in tests. */
  readonly artifacts: Artifacts
  /** Refuses any chain but this one. */
  readonly chainId?: number
  readonly confirmations?: number
  /** The last block on disk of our own anvil, which loses newer ones when killed. */
  readonly durableBlock?: () => number
  /** Our own anvil: its blocks are mined at this clock's time, and senders get gas. */
  readonly followClock?: Clock
  readonly pollMs?: number
  /** Null: lost transactions are looked for only when one is sent. */
  readonly healMs?: number | null
  readonly stuckMs?: number
  readonly waitMsMax?: number
}

/** A connection before the addresses of contracts are known. */
export type ConnectedChain = Awaited<ReturnType<typeof connectChain>>

const logBlocksMax = 5_000

/**
 * One sender on one chain.
 *
 * @throws ChainIdError for a chain other than `chainId`, ChainUnreachableError when the node
 * cannot be reached.
 */
export async function connectChain(options: ConnectChainOptions) {
  const rpc = openRpc(options.url)
  const chainId = await rpc.read(count, 'eth_chainId')
  if (options.chainId !== undefined && options.chainId !== chainId) {
    throw new ChainIdError({ chainId, wanted: options.chainId })
  }
  const contracts = openContracts(options.artifacts)
  const transactions = new Transactions({
    rpc,
    contracts,
    chainId,
    signer: options.signer,
    attempts: await openAttempts(options.journal, options.signer.address),
    confirmations: options.confirmations ?? 0,
    durableBlock: options.durableBlock ?? null,
    pollMs: options.pollMs ?? 25,
    healMs: options.healMs === undefined ? 1_000 : options.healMs,
    stuckMs: options.stuckMs ?? 30_000,
    waitMsMax: options.waitMsMax ?? 120_000,
    followClock: options.followClock ?? null,
  })
  const readWait = async () => (options.followClock ? readClockWait(rpc) : null)
  return { rpc, chainId, contracts, transactions, readWait }
}

/** The `Chain` port on any EVM chain over JSON-RPC, with our contracts at these addresses. */
export function openEthersChain(
  connected: ConnectedChain,
  addresses: Readonly<Record<ContractName, Address>>,
): Chain {
  const { chainId, contracts, transactions } = connected
  const addressOf = (name: ContractName): Address => {
    const address = addresses[name]
    if (!address) throw new NotFoundError('contract', name)
    return address
  }
  return {
    identity: async () => ({ chainId, sender: transactions.sender, contracts: addresses }),
    head: async () => {
      const [head, waits] = await Promise.all([readHead(connected), connected.readWait()])
      return waits === null ? head : { ...head, waits }
    },
    read: <T>(call: ContractCall) => readCall(connected, call, addressOf(call.contract)) as T,
    async send({ once, contract, method, args }) {
      const data = contracts.encode({ contract, method, args })
      const to = addressOf(contract)
      const mined = await transactions.submit({ once, contract, method, to, data })
      return { transaction: mined.hash, block: mined.block, gasUsed: mined.gasUsed }
    },
    async events(contract, fromBlock) {
      return readEvents(connected, { contract, address: addressOf(contract), fromBlock })
    },
    close: async () => transactions.close(),
  }
}

/** Calls a view at the newest block. @throws InvalidArgumentError when it reverts. */
export async function readCall(
  { rpc, contracts }: Pick<ConnectedChain, 'rpc' | 'contracts'>,
  call: ContractCall,
  to: Address,
): Promise<unknown> {
  try {
    const data = await rpc.read(bytes, 'eth_call', [{ to, data: contracts.encode(call) }, 'latest'])
    if (data === '0x') throw new NoContractError({ address: to })
    return contracts.decode(call, data)
  } catch (error) {
    if (error instanceof RpcError && error.isRevert) throw contracts.explain(call, error)
    throw error
  }
}

/** The events of a contract from a block to the newest, oldest first. */
export async function readEvents(
  { rpc, contracts }: Pick<ConnectedChain, 'rpc' | 'contracts'>,
  from: { readonly contract: ContractName; readonly address: Address; readonly fromBlock: number },
): Promise<ContractEvent[]> {
  const { contract, address } = from
  const { number } = await readHead({ rpc })
  const found: ContractEvent[] = []
  // Nodes limit the block range of one query.
  for (let start = from.fromBlock; start <= number; start += logBlocksMax) {
    const end = Math.min(start + logBlocksMax - 1, number)
    const filter = { address, fromBlock: hex(start), toBlock: hex(end) }
    for (const log of await rpc.read(logs, 'eth_getLogs', [filter])) {
      const event = contracts.parseLog(contract, log)
      if (event) found.push(event)
    }
  }
  return found
}

async function readHead({ rpc }: Pick<ConnectedChain, 'rpc'>): Promise<ChainHead> {
  const method = 'eth_getBlockByNumber'
  const { number, timestamp } = await rpc.read(block, method, ['latest', false])
  const finalized = await rpc
    .read(block.nullable(), method, ['finalized', false])
    .catch((error: unknown) => {
      // A chain without finality tags reports none.
      if (error instanceof RpcError) return null
      throw error
    })
  return { number, timestampS: timestamp, finalized: finalized?.number ?? 0 }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}
