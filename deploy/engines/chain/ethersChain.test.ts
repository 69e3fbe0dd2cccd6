import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  InvalidArgumentError,
  InvariantError,
  RetryableError,
} from '../../../schemas/errors/wattproofError.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { Chain, ContractName } from '../../../schemas/ports/chain.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import { readDurableBlock } from '../../embedded/anvilState.ts'
import { callAnvil } from '../../testing/callAnvil.ts'
import { type Anvil, startAnvil } from '../../testing/startAnvil.ts'
import { type ConnectChainOptions, connectChain, openEthersChain } from './ethersChain.ts'
import type { ContractArtifact } from './ethersChainContracts.ts'
import { fileJournal, type Journal, memoryJournal } from './ethersChainJournal.ts'
import { openSigner } from './ethersChainSigner.ts'

/** A substitute for our contracts whose effects can be counted. */
const source = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;
contract Counter {
  error TooMuch(uint256 asked, uint256 most);
  event Counted(address indexed by, uint256 total);
  uint256 public total;
  uint256 public lastTime;
  struct Point { uint64 x; address who; }
  function add(uint256 value) external {
    if (value > 100) revert TooMuch(value, 100);
    total += value; lastTime = block.timestamp;
    emit Counted(msg.sender, total);
  }
  function notBefore(uint256 time) external {
    require(block.timestamp >= time, "early"); total += 1;
  }
  function point() external view returns (Point memory at, uint256[] memory list) {
    at = Point(7, msg.sender); list = new uint256[](2); list[1] = 5;
  }
}`

const counter: ContractName = 'SettlementLedger'
const keys: Hex32[] = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`]
const clock: Clock & { ms: number } = {
  ms: 1_360_000_000_000,
  nowMs: () => clock.ms,
  elapsedMs: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
}

let dir: string
let anvil: Anvil
let artifact: ContractArtifact
let address: Address
let chain: Chain
let journal: Journal

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-chain-'))
  artifact = compile()
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS: 1_360_000_000 })
})

afterAll(async () => {
  await anvil.stop()
  rmSync(dir, { recursive: true, force: true })
})

let count = 0
const connections: Awaited<ReturnType<typeof connectChain>>[] = []

beforeEach(async () => {
  count++
  for (const each of connections.splice(0)) each.transactions.close()
  journal = fileJournal(path.join(dir, `journal-${count}.jsonl`))
  const connected = await connect({ journal })
  const mined = await connected.transactions.submit({
    once: 'deploy',
    contract: counter,
    method: 'constructor',
    to: null,
    data: artifact.bytecode,
  })
  address = mined.contractAddress as Address
  chain = open(connected)
})

test('a repeated request has one effect, also from a process that starts later', async () => {
  const first = await add(7, 'seven')
  expect(await add(7, 'seven')).toEqual(first)
  const [left, right] = await Promise.all([add(5, 'five'), add(5, 'five')])
  expect(left).toEqual(right)
  chain = open(await connect({ journal }))
  expect(await add(7, 'seven')).toEqual(first)
  expect(await total()).toBe(7n + 5n)
})

test('a crash between journaling and broadcasting is recovered from', async () => {
  const cut: Journal = {
    load: (sender) => journal.load(sender),
    write: async (row) => {
      await journal.write(row)
      throw new Error('killed here')
    },
  }
  const dying = open(await connect({ journal: cut }))
  const call = { contract: counter, method: 'add', args: [3n], once: 'three' }
  await expect(dying.send(call)).rejects.toThrow('killed here')
  expect(await total()).toBe(0n)

  chain = open(await connect({ journal }))
  await add(1, 'another')
  await add(3, 'three')
  expect(await total()).toBe(4n)
})

test('transactions come back after a reorganisation removed their blocks', async () => {
  const snapshot = await callAnvil(anvil.url, 'evm_snapshot')
  await add(10, 'ten')
  await add(20, 'twenty')
  await callAnvil(anvil.url, 'evm_revert', [snapshot])
  expect(await total()).toBe(0n)
  // Any later call rebroadcasts everything in nonce order.
  await add(1, 'one')
  expect(await total()).toBe(31n)
  await add(20, 'twenty')
  expect(await total()).toBe(31n)
})

test('transactions lost in a reorganisation come back without a call', async () => {
  chain = open(await connect({ journal, healMs: 100 }))
  const snapshot = await callAnvil(anvil.url, 'evm_snapshot')
  await add(10, 'ten')
  await add(20, 'twenty')
  await callAnvil(anvil.url, 'evm_revert', [snapshot])
  expect(await total()).toBe(0n)
  await expect.poll(total, { timeout: 20_000 }).toBe(30n)
})

test('without a timer a lost transaction comes back with the next call', async () => {
  chain = open(await connect({ journal, healMs: null }))
  const snapshot = await callAnvil(anvil.url, 'evm_snapshot')
  await add(10, 'ten')
  await callAnvil(anvil.url, 'evm_revert', [snapshot])
  expect(await total()).toBe(0n)
  await add(10, 'ten')
  expect(await total()).toBe(10n)
})

test('anvil_reorg of three blocks: same once, one effect', async () => {
  await add(10, 'ten')
  await add(20, 'twenty')
  await callAnvil(anvil.url, 'anvil_reorg', [2, []])
  await add(10, 'ten')
  await add(20, 'twenty')
  expect(await total()).toBe(30n)
})

test('kill -9 of anvil: transactions that were not on disk are sent again', async () => {
  await add(10, 'ten')
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exited
  const waiting = add(20, 'twenty').catch((error: unknown) => {
    expect(error).toBeInstanceOf(RetryableError)
  })
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS: 1_360_000_000 })
  await waiting
  await add(10, 'ten')
  await add(20, 'twenty')
  expect(await total()).toBe(30n)
})

test('when the node’s disk is checked, an answered transaction is never lost', async () => {
  const durableBlock = () => readDurableBlock(dir)
  chain = open(await connect({ journal, durableBlock, healMs: 60_000 }))
  await add(10, 'ten')
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exited
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS: 1_360_000_000 })
  expect(await total()).toBe(10n)
})

test('a revert carries the name and the arguments of its error', async () => {
  const refused = await add(101, 'too much').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(InvalidArgumentError)
  expect((refused as InvalidArgumentError).details).toMatchObject({
    contract: counter,
    method: 'add',
    error: 'TooMuch',
    args: [101n, 100n],
  })
  // Nothing was sent, so the same name may be used for a call that succeeds.
  await add(100, 'too much')
  expect(await total()).toBe(100n)
})

test('a revert reason string is passed on', async () => {
  const call = { contract: counter, method: 'notBefore', args: [2n ** 40n], once: 'early' }
  await expect(chain.send(call)).rejects.toThrow(/early/)
})

test('blocks are mined at the clock’s time, and always later than the last', async () => {
  clock.ms += 3_600_000
  const nowS = BigInt(clock.ms / 1000)
  await add(1, 'now')
  expect(await lastTime()).toBe(nowS)
  await add(1, 'again')
  expect(await lastTime()).toBe(nowS + 1n)
  // A call that is valid only at the new time is estimated at the new time.
  clock.ms += 86_400_000
  const args = [BigInt(clock.ms / 1000)]
  await chain.send({ contract: counter, method: 'notBefore', args, once: 'day' })
  expect(await total()).toBe(3n)
})

test('a transaction that is stuck is replaced with a higher fee', async () => {
  chain = open(await connect({ journal, stuckMs: 300 }))
  await callAnvil(anvil.url, 'evm_setAutomine', [false])
  const waiting = add(9, 'stuck')
  const { sender } = await chain.identity()
  const sent = async () => {
    return (await journal.load(sender)).filter((row) => row.once.startsWith('stuck'))
  }
  await expect.poll(async () => (await sent()).length, { timeout: 20_000 }).toBeGreaterThan(1)
  await callAnvil(anvil.url, 'evm_setAutomine', [true])
  await callAnvil(anvil.url, 'evm_mine')
  await waiting
  expect(await total()).toBe(9n)
  const rows = await sent()
  expect(new Set(rows.map((row) => row.nonce)).size).toBe(1)
})

test('a nonce used by another process is detected and replaced', async () => {
  await callAnvil(anvil.url, 'evm_setAutomine', [false])
  const waiting = add(9, 'mine')
  await sleep(150)
  await callAnvil(anvil.url, 'anvil_dropAllTransactions')
  // The same key in another process, with a journal of its own: the same nonce.
  const other = open(await connect({ journal: memoryJournal() }))
  const foreign = other.send({ contract: counter, method: 'add', args: [50n], once: 'foreign' })
  await sleep(50)
  await callAnvil(anvil.url, 'evm_setAutomine', [true])
  await callAnvil(anvil.url, 'evm_mine')
  await Promise.all([waiting, foreign])
  expect(await total()).toBe(59n)
})

test('view results are plain values: structs by name, addresses in lower case', async () => {
  const point = await chain.read({ contract: counter, method: 'point', args: [] })
  expect(point).toEqual({ at: { x: 7n, who: `0x${'00'.repeat(20)}` }, list: [0n, 5n] })
})

test('events are read by name from a block on', async () => {
  const { block } = await add(4, 'four')
  const { sender } = await chain.identity()
  const events = await chain.events(counter, block)
  expect(events).toMatchObject([{ name: 'Counted', args: { by: sender, total: 4n }, block }])
})

test('confirmations: not done before there are blocks on top', async () => {
  chain = open(await connect({ journal, confirmations: 2, waitMsMax: 400 }))
  await expect(add(6, 'deep')).rejects.toBeInstanceOf(RetryableError)
  await callAnvil(anvil.url, 'anvil_mine', ['0x2'])
  await add(6, 'deep')
  expect(await total()).toBe(6n)
})

test('an unreachable node is reported, and invalid arguments are not retried', async () => {
  await expect(connect({ journal, url: 'http://127.0.0.1:1' })).rejects.toBeInstanceOf(
    RetryableError,
  )
  await expect(connect({ journal, chainId: 5 })).rejects.toThrow(/leads to chain 31337/)
  await expect(openSigner({ privateKey: '0x12' })).rejects.toThrow(/cannot be opened/)
  const wrong = { contract: counter, method: 'nothing', args: [], once: 'x' }
  await expect(chain.send(wrong)).rejects.toThrow(/no method nothing/)
  const tilde = { contract: counter, method: 'add', args: [1n], once: 'a~b' }
  await expect(chain.send(tilde)).rejects.toBeInstanceOf(InvariantError)
})

test('a node that does not answer is waited for once, however long it is down', async () => {
  let counts = 0
  const silent = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { id, method } = JSON.parse(body)
    if (method === 'eth_getTransactionCount') counts++
    else response.end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x7a69' }))
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  chain = open(await connect({ journal: memoryJournal(), url, healMs: 10 }))
  // About twenty ticks of the timer.
  await sleep(200)
  const sent = add(1, 'into silence').catch((error: unknown) => error)
  silent.close()
  silent.closeAllConnections()
  // One failure of about two seconds, not twenty of them.
  expect(await sent).toBeInstanceOf(RetryableError)
  expect(counts).toBe(1)
})

function add(value: number, once: string) {
  return chain.send({ contract: counter, method: 'add', args: [BigInt(value)], once })
}

function total(): Promise<bigint> {
  return chain.read({ contract: counter, method: 'total', args: [] })
}

function lastTime(): Promise<bigint> {
  return chain.read({ contract: counter, method: 'lastTime', args: [] })
}

async function connect(options: Partial<ConnectChainOptions> & { journal: Journal }) {
  // A sender of its own for each test, so that one test's nonces are not another's.
  const key = `0x${(BigInt(keys[0]!) + BigInt(count)).toString(16).padStart(64, '0')}` as Hex32
  const signer = await openSigner({ privateKey: key })
  const connected = await connectChain({
    url: anvil.url,
    signer,
    artifacts: { [counter]: artifact },
    followClock: clock,
    ...options,
  })
  connections.push(connected)
  return connected
}

function open(connected: Awaited<ReturnType<typeof connect>>): Chain {
  return openEthersChain(connected, { [counter]: address } as Record<ContractName, Address>)
}

function compile(): ContractArtifact {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string }
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: 'Solidity',
        sources: { 'Counter.sol': { content: source } },
        settings: {
          evmVersion: 'paris',
          outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
        },
      }),
    ),
  )
  const { abi, evm } = output.contracts['Counter.sol'].Counter
  return { abi, bytecode: `0x${evm.bytecode.object}` }
}
