import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChainAnswerError, NodeBusyError, RpcError } from '../../../schemas/errors/chain.ts'
import { count } from './ethersChainAnswers.ts'
import { readFees, readHead } from './ethersChainHead.ts'
import { openRpc, type Rpc } from './ethersChainRpc.ts'

/** A node that answers whatever a test wants: no real one can be made to answer wrongly. */
let node: Server
let rpc: Rpc
let answers: (method: string) => unknown
let asked = 0

beforeEach(async () => {
  asked = 0
  node = createServer(async (request, response) => {
    asked += 1
    let body = ''
    for await (const chunk of request) body += chunk
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers(JSON.parse(body).method)))
  })
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  rpc = openRpc(`http://127.0.0.1:${(node.address() as AddressInfo).port}`)
})
afterEach(() => new Promise((resolve) => node.close(resolve)))

test.each([
  ['no result', {}],
  ['null', { result: null }],
  ['a number', { result: 7 }],
  ['no digits', { result: '0x' }],
  ['more than a whole number can be', { result: `0x${'f'.repeat(16)}` }],
  ['a list instead of an answer', []],
  ['an error that is a text', { error: 'out of order' }],
])('a count that is %s is refused at once and never NaN', async (_, answer) => {
  answers = () => answer
  const reading = rpc.read(count, 'eth_getTransactionCount', ['0x1', 'latest'])
  await expect(reading).rejects.toThrow(ChainAnswerError)
  await expect(reading).rejects.toThrow('eth_getTransactionCount')
  expect(asked).toBe(1)
})

test('counts, heads and fees are read; a chain without a tip has the usual one', async () => {
  const hash = `0x${'Ab'.repeat(32)}`
  answers = (method) => {
    if (method === 'eth_getBlockByNumber') {
      return {
        result: { number: '0x10', hash, timestamp: '0x5', baseFeePerGas: '0x3', size: '0x1' },
      }
    }
    return method === 'eth_chainId'
      ? { result: '0x7a69', error: null }
      : { error: { code: -32601 } }
  }
  expect(await rpc.read(count, 'eth_chainId')).toBe(31_337)
  const head = { number: 16, hash: hash.toLowerCase(), timestampS: 5, baseFee: 3n }
  expect(await readHead(rpc)).toEqual(head)
  const tip = 1_000_000_000n
  expect(await readFees(rpc)).toEqual({ maxFeePerGas: 6n + tip, maxPriorityFeePerGas: tip })
})

test('what a node refuses keeps its code and its reason', async () => {
  answers = () => ({ error: { code: 3, message: 'execution reverted', data: { data: '0xAB' } } })
  const refused = await rpc.call('eth_call').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RpcError)
  expect(refused).toMatchObject({ code: 3, reason: 'execution reverted', data: '0xAB' })
  expect(refused).not.toBeInstanceOf(NodeBusyError)
})
