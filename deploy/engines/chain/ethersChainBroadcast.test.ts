import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  NoCodeYetError,
  NotInBlockYetError,
  TransactionRefusedError,
} from '../../../schemas/errors/chain.ts'
import { keccakOfText } from '../../../schemas/hash.ts'
import type { Address } from '../../../schemas/ids.ts'
import { postTo } from '../../testing/postTo.ts'
import { type Anvil, startAnvil } from '../../testing/startAnvil.ts'
import { deployContracts } from './deployContracts.ts'
import { type ConnectChainOptions, type ConnectedChain, connectChain } from './ethersChain.ts'
import { wattproofArtifacts } from './ethersChainArtifacts.ts'
import { memoryJournal } from './ethersChainJournal.ts'
import { openSigner } from './ethersChainSigner.ts'

/** A node between us and anvil that answers some methods by itself. */
const nowS = 1_360_000_000
const clock = {
  nowMs: () => nowS * 1000,
  elapsedMs: () => performance.now(),
  sleep: async () => {},
}
const options = {
  guardian: `0x${'ee'.repeat(20)}` as Address,
  founders: [{ address: `0x${'aa'.repeat(20)}` as Address, stakeMicros: 100_000 }],
  genesisPeriods: 8,
  challengeWindowS: 3600,
  unbondingS: 7200,
  fundMicros: 0,
}

let dir: string
let anvil: Anvil
let node: Server
let url: string
let answerTo: (method: string, parameters: readonly unknown[]) => object | null

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-broadcast-'))
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS: nowS })
  node = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { id, method, params } = JSON.parse(body)
    const own = answerTo(method, params)
    if (own) return response.end(JSON.stringify({ jsonrpc: '2.0', id, ...own }))
    response.end(await postTo(anvil.url, body))
  })
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`
})

beforeEach(() => {
  answerTo = () => null
})

afterAll(async () => {
  node.close()
  node.closeAllConnections()
  await anvil.stop()
  rmSync(dir, { recursive: true, force: true })
})

test.each(['unknown transaction type 2', 'intrinsic gas too low', 'unknown account'])(
  'a node that says “%s” has refused for good',
  async (message) => {
    answerTo = refusing(message)
    const refused = await deploy(message)
    expect(refused).toBeInstanceOf(TransactionRefusedError)
    expect(String(refused)).toContain(message)
  },
)

test.each([
  ...['already known', 'known transaction: 0x12', 'nonce too low', 'Nonce too high', 'OldNonce'],
  ...['replacement transaction underpriced', 'max fee per gas less than block base fee'],
  ...['Transaction with the same hash was already imported.', 'AlreadyKnown'],
  ...['future transaction tries to replace pending', 'txpool is full', 'Internal error'],
  ...['Too Many Requests', 'daily request count exceeded, request rate limited', 'timed out'],
])('a node that says “%s” may still mine it; the last sentence names it', async (message) => {
  answerTo = refusing(message)
  const waiting = await deploy(message)
  expect(waiting).toBeInstanceOf(NotInBlockYetError)
  expect(String(waiting)).toContain(`is not mined yet (the node says: ${message});`)
})

test('one transaction that is refused for good holds no other up', async () => {
  const journal = memoryJournal()
  const first = await connect('refused later', { journal, waitMsMax: 200 })
  const raws: unknown[] = []
  answerTo = (method, [raw]) => {
    if (method !== 'eth_sendRawTransaction') return null
    raws.push(raw)
    return { error: { code: -32_005, message: 'limit exceeded' } }
  }
  await expect(submit(first, 'one')).rejects.toThrow(NotInBlockYetError)
  first.transactions.close()

  answerTo = (method, [raw]) =>
    method === 'eth_sendRawTransaction' && raws.includes(raw)
      ? { error: { code: -32_000, message: 'intrinsic gas too low' } }
      : null
  const later = await connect('refused later', { journal, waitMsMax: 60_000 })
  expect((await submit(later, 'other')).block).toBeGreaterThan(0)
  later.transactions.close()
})

test('a node that is late with the code of a contract is asked again', async () => {
  let late = 2
  answerTo = (method) => (method === 'eth_getCode' && late-- > 0 ? { result: '0x' } : null)
  expect(await deploy('late once', 60_000)).toMatchObject({
    SettlementAnchor: expect.stringMatching(/^0x/),
  })
})

test('code that does not come may come later: no fault of ours', async () => {
  answerTo = (method) => (method === 'eth_getCode' ? { result: '0x' } : null)
  expect(await deploy('late for ever', 60_000)).toBeInstanceOf(NoCodeYetError)
})

function refusing(message: string) {
  return (method: string) =>
    method === 'eth_sendRawTransaction' ? { error: { code: -32_000, message } } : null
}

/** The addresses, or what was thrown. */
async function deploy(key: string, waitMsMax = 200): Promise<unknown> {
  const connected = await connect(key, { journal: memoryJournal(), waitMsMax })
  const deployed = await deployContracts(connected, options).catch((error: unknown) => error)
  connected.transactions.close()
  return deployed
}

async function connect(
  key: string,
  { journal, waitMsMax }: Required<Pick<ConnectChainOptions, 'journal' | 'waitMsMax'>>,
): Promise<ConnectedChain> {
  return connectChain({
    ...{ url, journal, waitMsMax },
    signer: await openSigner({ privateKey: keccakOfText(key) }),
    artifacts: wattproofArtifacts,
    followClock: clock,
  })
}

/** Deploys one contract; each of another owner, as the same bytes would be one transaction. */
function submit({ transactions, contracts }: ConnectedChain, once: string) {
  const contract = 'ProgrammeToken'
  const owner = keccakOfText(once).slice(0, 42)
  const data = contracts.encodeDeploy(contract, [owner])
  return transactions.submit({ once, contract, method: 'constructor', to: null, data })
}
