import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { openTestApi, testToken } from '../../../deploy/testing/testApi.ts'
import type { CreateApiParameters } from '../createApi.ts'
import type { ApiLimits } from './limits.ts'

/** What strangers may take from others, and from those who have a token: over real sockets. */
let app: FastifyInstance
let port: number
const sockets: Socket[] = []
const withToken = `Authorization: Bearer ${testToken}\r\n`

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await app.close()
})

async function listen(
  limits: Partial<ApiLimits> = {},
  more: Partial<CreateApiParameters> = {},
): Promise<void> {
  const extend = (scope: FastifyInstance) => {
    scope.get('/api/v1/data', { config: { access: 'either' } }, async () => ({ is: 'data' }))
    // It never answers.
    scope.get('/api/v1/late', { config: { access: 'either' } }, () => new Promise(() => {}))
    scope.get('/', { schema: { hide: true } }, async () => 'a page')
  }
  app = await openTestApi({ limits, extensions: [extend], ...more })
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

test.each([
  ['/%', '%'],
  ['/api/v1/events/%ff', '%'],
  [`/api/v1/events/${'x'.repeat(129)}`, '128'],
])('a path that cannot be read is answered and counted as any other: %s', async (path, said) => {
  await listen({ requestsPerMinute: 3 })
  const answers = []
  for (let sent = 0; sent < 5; sent++) answers.push(await app.inject({ url: path }))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 429, 429])
  for (const answer of answers) {
    const id = answer.headers['x-request-id']
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.any(String),
    })
    expect(answer.json()).toMatchObject({ instance: `urn:wattproof:request:${id}` })
  }
  expect(answers[0]!.json()).toMatchObject({
    type: 'urn:wattproof:problem:unreadable',
    detail: expect.stringContaining(said),
  })
})

type Client = { readonly socket: Socket; said: string; isClosed: boolean }

function open(from = '127.0.0.1'): Client {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  sockets.push(socket)
  const client = { socket, said: '', isClosed: false }
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    client.said += text
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    client.isClosed = true
  })
  return client
}

const requestOf = (path: string, headers = '') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`

function statusesOf({ said }: Client): number[] {
  return [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** So many unanswered requests a connection may have. */
const windowMax = 32

/** Sends the request so many times over one connection; the statuses when all are answered. */
async function ask(
  path: string,
  { times = 1, headers = '', from }: { times?: number; headers?: string; from?: string } = {},
): Promise<number[]> {
  const client = open(from)
  for (let sent = 0; sent < times; ) {
    const next = Math.min(times, sent + windowMax)
    client.socket.write(requestOf(path, headers).repeat(next - sent))
    await expect.poll(() => statusesOf(client).length, { timeout: 30_000, interval: 5 }).toBe(next)
    sent = next
  }
  client.socket.destroy()
  return statusesOf(client)
}

const countOf = (statuses: readonly number[], status: number) =>
  statuses.filter((each) => each === status).length

test('3,000 requests of a stranger leave health, pages and holders of a token alone', async () => {
  await listen()
  const parts = Array.from({ length: 10 }, () => ask('/api/v1/data', { times: 300 }))
  const statuses = (await Promise.all(parts)).flat()
  expect([countOf(statuses, 200), countOf(statuses, 429)]).toEqual([1_200, 1_800])
  expect(await ask('/livez', { times: 2_000 })).toEqual(Array(2_000).fill(200))
  // The ports of this test are down, which is for `/readyz` to say.
  expect(await ask('/readyz')).toEqual([503])
  expect(await ask('/')).toEqual([200])
  expect(await ask('/api/v1/data', { headers: withToken })).toEqual([200])
  expect(await ask('/api/v1/data', { from: '127.0.0.2' })).toEqual([200])
})

test.each(['/livez', '/api/v1/openapi.json', '/api/v1/data'])(
  'thousands of requests of %s at once close their connection, and keep nobody waiting',
  async (path) => {
    await listen()
    const client = open()
    client.socket.write(requestOf(path).repeat(8_000))
    await expect.poll(() => client.isClosed, { timeout: 30_000 }).toBe(true)
    expect(statusesOf(client).length).toBeLessThanOrEqual(windowMax)
    // A client that has shown the token may send as many.
    const operator = open()
    operator.socket.write(requestOf('/api/v1/data', withToken).repeat(1_000))
    await expect.poll(() => statusesOf(operator).length, { timeout: 30_000 }).toBe(1_000)
  },
)

test('unanswered requests of an address are bounded over all of its connections', async () => {
  await listen({ unansweredPerAddressMax: 20 })
  const late = Array.from({ length: 10 }, () => open())
  for (const { socket } of late) socket.write(requestOf('/api/v1/late').repeat(2))
  // Two more than it may: on a connection that waits for an answer, and on one that does not.
  await expect.poll(() => ask('/api/v1/data')).toEqual([503])
  late[0]!.socket.write(requestOf('/api/v1/data'))
  await expect.poll(() => late[0]!.isClosed).toBe(true)
  expect(late[0]!.said).toBe('')
  // Its two are over.
  await expect.poll(() => ask('/api/v1/data', { times: 2 })).toEqual([200, 200])
  const more = open()
  more.socket.write(requestOf('/api/v1/late').repeat(2))
  await expect.poll(() => ask('/api/v1/data')).toEqual([503])
  const refused = open()
  refused.socket.write(requestOf('/api/v1/data'))
  await expect.poll(() => refused.isClosed).toBe(true)
  expect(refused.said).toMatch(/\r\nretry-after: 1\r\n.*urn:wattproof:problem:busy/is)
  // Neither health, nor who has a token there, nor anybody elsewhere.
  expect(await ask('/livez')).toEqual([200])
  const ready = open()
  ready.socket.write(requestOf('/readyz'))
  // Not ready, as the ports of this test are down, and not refused.
  await expect.poll(() => ready.said).toMatch(/^HTTP\/1.1 503 .*"isReady":false/s)
  expect(await ask('/api/v1/data', { headers: withToken, times: 30 })).toEqual(Array(30).fill(200))
  expect(await ask('/api/v1/data', { from: '127.0.0.2' })).toEqual([200])
})

test('a full address closes connections that wait for no answer first', async () => {
  await listen({ connectionsPerAddressMax: 3 })
  const late = open()
  late.socket.write(requestOf('/api/v1/late'))
  const idle = open()
  await expect.poll(() => ask('/livez')).toEqual([200])
  const more = [open(), open()]
  await expect.poll(() => idle.isClosed).toBe(true)
  await expect.poll(() => ask('/livez')).toEqual([200])
  expect([late, ...more].filter(({ isClosed }) => isClosed).length).toBe(1)
  expect(late.isClosed).toBe(false)
})

test('an address that goes on after its refusals is closed without an answer', async () => {
  await listen({ requestsPerMinute: 50, floodTimes: 3 })
  expect(countOf(await ask('/api/v1/data', { times: 150 }), 429)).toBe(100)
  const client = open()
  client.socket.write(requestOf('/api/v1/data'))
  await expect.poll(() => client.isClosed).toBe(true)
  expect(statusesOf(client)).toEqual([])
  expect(await ask('/livez')).toEqual([200])
  expect(await ask('/api/v1/data', { headers: withToken })).toEqual([200])
})

test('a refusal says when to come again', async () => {
  await listen({ requestsPerMinute: 0 })
  const client = open()
  client.socket.write(requestOf('/api/v1/data'))
  await expect.poll(() => client.said).toContain('urn:wattproof:problem:too-many')
  const [, seconds] = /\r\nretry-after: (\d+)\r\n/i.exec(client.said) ?? []
  expect(Number(seconds)).toBeGreaterThan(0)
})

test('requests to a host that is not ours are counted as others are', async () => {
  await listen({ requestsPerMinute: 2 })
  const client = open()
  const request = requestOf('/api/v1/data').replace('localhost', 'evil.example')
  client.socket.write(request.repeat(4))
  await expect.poll(() => statusesOf(client), { timeout: 20_000 }).toEqual([421, 421, 429, 429])
})

test('guesses of a token are few, and harm neither the right one nor who has none', async () => {
  await listen({ wrongTokensPerMinute: 3 })
  const headers = 'Authorization: Bearer guess\r\n'
  expect(await ask('/api/v1/data', { headers, times: 5 })).toEqual([401, 401, 401, 429, 429])
  expect(await ask('/api/v1/data', { headers: withToken })).toEqual([200])
  expect(await ask('/api/v1/data')).toEqual([200])
  expect(await ask('/api/v1/data', { headers, from: '127.0.0.2' })).toEqual([401])
})

test('200 streams of strangers: few stay, and the operator gets one', async () => {
  await listen()
  const strangers: Client[] = []
  for (let index = 0; index < 200; index++) {
    const client = open(`127.0.0.${2 + (index % 20)}`)
    client.socket.write(requestOf('/api/v1/stream'))
    strangers.push(client)
  }
  const statuses = () => strangers.flatMap(statusesOf)
  await expect.poll(() => statuses().length, { timeout: 30_000 }).toBe(200)
  expect([countOf(statuses(), 200), countOf(statuses(), 503)]).toEqual([64, 136])
  const refused = strangers.find((client) => statusesOf(client)[0] === 503)
  expect(refused?.said).toMatch(/\r\nretry-after: \d+\r\n/i)
  const operator = open()
  operator.socket.write(requestOf('/api/v1/stream', withToken))
  await expect.poll(() => statusesOf(operator), patient).toEqual([200])
})

/** The store never answers here: a stream begins after the second that it has for that. */
const patient = { timeout: 20_000 }

test('one address has few streams without a token', async () => {
  await listen()
  const own = Array.from({ length: 10 }, () => open())
  for (const { socket } of own) socket.write(requestOf('/api/v1/stream'))
  await expect.poll(() => own.flatMap(statusesOf).length, patient).toBe(10)
  expect(countOf(own.flatMap(statusesOf), 200)).toBe(6)
  const other = open('127.0.0.2')
  other.socket.write(requestOf('/api/v1/stream'))
  await expect.poll(() => statusesOf(other), patient).toEqual([200])
})

test('a stream without a token is short, and ends with when to come again', async () => {
  await listen({ openStreamMsMax: 50 })
  const operator = open()
  operator.socket.write(requestOf('/api/v1/stream', withToken))
  const stranger = open()
  stranger.socket.write(requestOf('/api/v1/stream'))
  // The last chunk of the answer.
  await expect.poll(() => stranger.said, patient).toMatch(/retry: 1000\n\n\r\n0\r\n\r\n$/)
  expect(operator.said).not.toMatch(/\r\n0\r\n\r\n$/)
  expect(operator.isClosed).toBe(false)
})

test('connections that send no whole head are closed; others are answered meanwhile', async () => {
  await listen({ headMsMax: 300, checkMs: 50 })
  const slow = Array.from({ length: 60 }, () => open())
  for (const { socket } of slow.slice(30)) socket.write('GET /livez HTTP/1.1\r\nHost: loc')
  expect(await ask('/api/v1/data', { headers: withToken })).toEqual([200])
  await expect.poll(() => slow.every(({ isClosed }) => isClosed), { timeout: 20_000 }).toBe(true)
})

test('a full address or server closes the oldest connection without a token', async () => {
  await listen({ connectionsPerAddressMax: 5, connectionsMax: 8 })
  const operator = open()
  operator.socket.write(requestOf('/api/v1/data', withToken))
  await expect.poll(() => statusesOf(operator)).toEqual([200])
  const strangers = Array.from({ length: 5 }, () => open())
  await expect.poll(() => strangers.map(({ isClosed }) => isClosed)).toContain(true)
  // 1 and 5 are one too many of one address; 6 more of others are two too many in all.
  const others = [2, 3, 4, 5, 6].map((last) => open(`127.0.0.${last}`))
  const countClosed = () => [...strangers, ...others].filter(({ isClosed }) => isClosed).length
  await expect.poll(countClosed).toBe(3)
  expect(await ask('/api/v1/data', { from: '127.0.0.9' })).toEqual([200])
  operator.socket.write(requestOf('/api/v1/data', withToken))
  await expect.poll(() => statusesOf(operator)).toEqual([200, 200])
})

test('behind a reverse proxy callers are distinguished once the proxy is configured', async () => {
  const forwarded = (index: number) => `X-Forwarded-For: 198.51.100.${index}\r\n`
  const limits = { requestsPerMinute: 1 }
  await listen(limits, { proxies: ['127.0.0.0/30'] })
  for (const from of ['127.0.0.1', '127.0.0.2']) {
    const headers = forwarded(from === '127.0.0.1' ? 1 : 2)
    expect(await ask('/api/v1/data', { headers, from, times: 2 })).toEqual([200, 429])
  }
  // From elsewhere the header is a claim of the caller's.
  const headers = forwarded(3) + forwarded(4)
  expect(await ask('/api/v1/data', { from: '127.0.0.9', headers })).toEqual([200])
  expect(await ask('/api/v1/data', { from: '127.0.0.9', headers: forwarded(5) })).toEqual([429])
})
