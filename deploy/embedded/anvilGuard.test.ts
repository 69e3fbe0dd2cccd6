import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnvilGuard, openAnvilGuard } from './anvilGuard.ts'
import { type AskNode, passedMethods } from './anvilMethods.ts'
import { followTime } from './chainTime.ts'

/** What reaches the node; it answers everything. */
const asked: string[] = []
const ask: AskNode = async (method, parameters) => {
  asked.push([method, ...parameters.map((each) => JSON.stringify(each))].join(' '))
  if (method === 'eth_getBlockByNumber') return { result: { timestamp: '0x1' } }
  return { result: method === 'eth_getBalance' ? '0x0' : '0x1' }
}
const password = 'a password for tests'
const good = {
  authorization: `Basic ${Buffer.from(`wattproof:${password}`).toString('base64')}`,
  'content-type': 'application/json',
}
const chainId = call('eth_chainId')
/** Chain time of a clock that does not move. */
const time = followTime({ read: () => ({ clockMs: 1e9, upMs: 0 }), believed: null })
let file: string
let guard: AnvilGuard

beforeAll(async () => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'wattproof-guard-')), 'guard.sock')
  guard = await openAnvilGuard({ file, password, passed: passedMethods, time })
})
afterAll(() => {
  guard.close()
  rmSync(path.dirname(file), { recursive: true })
})

test('before the node answers, a request is refused as one to ask again', async () => {
  expect(await send({ body: chainId })).toMatchObject({ status: 503, body: { error: {} } })
  guard.open(ask)
  expect(await send({ body: chainId })).toMatchObject({ status: 200, body: { result: '0x1' } })
})

describe('nothing reaches the node', () => {
  test.each([
    ['without a password', { authorization: undefined }, 401],
    ['with another one', { authorization: basicOf('wattproof:guess') }, 401],
    ['with another user', { authorization: basicOf(`root:${password}`) }, 401],
    ['as a bearer', { authorization: `Bearer ${password}` }, 401],
    ['from a web page', { origin: 'https://evil.example' }, 403],
    ['from a file that a browser shows', { origin: 'null' }, 403],
    ['from a page of this machine', { origin: 'http://127.0.0.1:8420' }, 403],
    ['from an image of a page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a name that leads here', { host: 'evil.example:8545' }, 403],
    ['to a name that begins like ours', { host: '127.0.0.1.evil.example' }, 403],
    ['to another address of this machine', { host: '10.0.0.1' }, 403],
    ['as a form', { 'content-type': 'text/plain' }, 415],
    ['without a type', { 'content-type': undefined }, 415],
  ])('%s', async (_, headers, status) => {
    const before = asked.length
    const answer = await send({ headers, body: chainId })
    expect(answer).toMatchObject({
      status,
      body: { id: null, error: { code: expect.any(Number) } },
    })
    expect(asked).toHaveLength(before)
  })

  test.each(['GET', 'PUT', 'OPTIONS'])('by %s', async (method) => {
    expect((await send({ method, body: '' })).status).toBe(405)
  })

  test.each([
    ['{"jsonrpc":', 400],
    ['[]', 400],
    [JSON.stringify(Array.from({ length: 65 }, () => JSON.parse(chainId))), 400],
    ['{"id":1}', 200],
    ['null', 200],
    ['{"id":1,"method":"eth_chainId","params":{"a":1}}', 200],
  ])('for what is no request: %j', async (body, status) => {
    const before = asked.length
    const answer = await send({ body })
    expect(answer).toMatchObject({ status, body: { error: { message: /^This is not a JSON-/ } } })
    expect(asked).toHaveLength(before)
  })

  test('for a body over 2 MiB', async () => {
    const before = asked.length
    const sent = send({ body: `"${'x'.repeat((2 << 20) + 1)}"` })
    expect(await sent).toMatchObject({ status: 413 })
    expect(asked).toHaveLength(before)
  })

  test.each([
    ...['anvil_impersonateAccount', 'anvil_autoImpersonateAccount', 'anvil_reset', 'anvil_mine'],
    ...['anvil_setBalance', 'anvil_setCode', 'anvil_setStorageAt', 'anvil_setNonce'],
    ...['anvil_dumpState', 'anvil_loadState', 'anvil_dropTransaction', 'anvil_setRpcUrl'],
    ...['hardhat_impersonateAccount', 'hardhat_reset', 'hardhat_setBalance', 'tenderly_setBalance'],
    ...[
      'evm_mine',
      'evm_revert',
      'evm_snapshot',
      'evm_increaseTime',
      'evm_setTime',
      'evm_addAccount',
    ],
    ...['debug_traceTransaction', 'trace_block', 'txpool_content', 'ots_getApiLevel'],
    ...['eth_sendTransaction', 'eth_sendUnsignedTransaction', 'eth_sign', 'eth_accounts'],
    ...['personal_sign', 'wattproof_', '__proto__', 'constructor'],
  ])('by %s, even with the password', async (method) => {
    const before = asked.length
    const wanted = { error: { code: -32_601, message: expect.stringContaining('does not pass') } }
    expect(await send({ body: call(method) })).toMatchObject({ status: 200, body: wanted })
    const batch = `[${chainId},${call(method)}]`
    expect(await send({ body: batch })).toMatchObject({ body: [{ result: '0x1' }, wanted] })
    expect(asked.slice(before)).toEqual(['eth_chainId'])
  })

  test.each([
    [['}{"jsonrpc":"2.0","id":1,"method":"anvil_reset","params":[]}']],
    [[{ 'a"}': 1 }]],
    [[{ to: ['\\'] }]],
  ])('with a parameter that could be another request: %j', async (parameters) => {
    const before = asked.length
    const answer = await send({ body: call('eth_call', parameters) })
    expect(answer).toMatchObject({ body: { error: { code: -32_602 } } })
    expect(asked).toHaveLength(before)
  })

  test.each([
    [1_000_016, -32_006],
    [4_000_000_000, -32_006],
    ['0xf4240', -32_602],
    [1_000_000.5, -32_602],
  ])('by a block time beyond the clock, or one that is no number: %j', async (at, code) => {
    const before = asked.length
    const answer = await send({ body: call('evm_setNextBlockTimestamp', [at]) })
    expect(answer).toMatchObject({ body: { error: { code } } })
    expect(asked.slice(before).filter((each) => each.startsWith('evm_'))).toEqual([])
    expect(await send({ body: call('evm_setNextBlockTimestamp', [1_000_015]) })).toMatchObject({
      body: { result: '0x1' },
    })
  })

  test('by a WebSocket, even with the password', async () => {
    const socket = net.connect(file)
    const lines = [
      ...['GET / HTTP/1.1', 'Host: localhost', 'Connection: Upgrade'],
      ...['Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      ...['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', `Authorization: ${good.authorization}`],
    ]
    socket.end(`${lines.join('\r\n')}\r\n\r\n`)
    let said = ''
    for await (const chunk of socket) said += chunk
    expect(said).toMatch(/^HTTP\/1\.1 403 /)
  })
})

test('gas goes to an address only, and only where there is none left', async () => {
  const before = asked.length
  const address = `0x${'ab'.repeat(20)}`
  expect(await send({ body: call('wattproof_giveGas', [address]) })).toMatchObject({ status: 200 })
  expect(asked.slice(before)).toEqual([
    `eth_getBalance "${address}" "latest"`,
    `anvil_setBalance "${address}" "0x${(10n ** 21n).toString(16)}"`,
  ])
  for (const wrong of [[], [address, '0x0'], ['latest'], [{ address }]]) {
    const answer = await send({ body: call('wattproof_giveGas', wrong) })
    expect(answer).toMatchObject({ body: { error: { code: -32_602 } } })
  }
  expect(asked).toHaveLength(before + 2)
})

test('only what the sources ask is passed', () => {
  const folders = ['engines/chain', 'client', 'supervise', 'simulate', 'layers']
  const sources = folders.flatMap((folder) => {
    const at = path.join(import.meta.dirname, '..', folder)
    const names = readdirSync(at).filter((each) => /\.ts$/.test(each) && !/\.test\.ts$/.test(each))
    return names.map((each) => readFileSync(path.join(at, each), 'utf8'))
  })
  const isAsked = (method: string) => sources.some((each) => each.includes(`'${method}'`))
  expect(passedMethods.filter((method) => !isAsked(method))).toEqual([])
})

function call(method: string, params: readonly unknown[] = []): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })
}

function basicOf(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

/** With the right headers but these. */
function send(asking: {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body: string
}): Promise<{ status: number | undefined; body: unknown }> {
  const { method = 'POST', headers = {}, body } = asking
  const given = Object.entries({ ...good, ...headers }).filter(([, value]) => value !== undefined)
  return new Promise((resolve, reject) => {
    const options = { socketPath: file, method }
    const request = http.request(
      { ...options, headers: Object.fromEntries(given) as http.OutgoingHttpHeaders },
      (got) => {
        json(got).then((answer) => resolve({ status: got.statusCode, body: answer }), reject)
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}
