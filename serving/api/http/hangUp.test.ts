import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { bearer, openTestApi, standingClock, unreachable } from '../../../deploy/testing/testApi.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { type ApiLimits, apiLimits } from './limits.ts'

/** Clients that hang up, over real sockets: a store that answers when the test lets it. */

const nowMs = Date.UTC(2013, 1, 11, 18)
/** How long a busy machine may take. */
const soon = { timeout: 10_000 }
const group = '/api/v1/views/group?limit=1000'
let app: FastifyInstance
let origin: string
const sockets: Socket[] = []
const asked = { running: 0, runningMax: 0, total: 0 }
let answered: Promise<void>
let answer: () => void

afterEach(async () => {
  answer?.()
  for (const socket of sockets.splice(0)) socket.destroy()
  await app.close()
})

function hold(): void {
  answered = new Promise((resolve) => {
    answer = resolve
  })
}

/** No rows, for strangers once `answer` is called. They ask for one row more than their page. */
function lateViews(): Views {
  return {
    ...unreachable<Views>('The views store'),
    async query(_: string, { limit = 0 }: { limit?: number } = {}) {
      if (limit < 100) return []
      asked.total += 1
      asked.running += 1
      asked.runningMax = Math.max(asked.runningMax, asked.running)
      await answered
      asked.running -= 1
      return []
    },
  } as unknown as Views
}

async function listen(
  limits: Partial<ApiLimits> = {},
  ...extensions: ((app: FastifyInstance) => void)[]
): Promise<void> {
  Object.assign(asked, { running: 0, runningMax: 0, total: 0 })
  hold()
  app = await openTestApi({ views: lateViews(), clock: standingClock(nowMs), limits, extensions })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
}

type Asking = { readonly path: string; from?: string; times?: number; headers?: string }

/** Requests over one connection, each before the one before is answered. */
function ask({ path, from = '127.0.0.1', times = 1, headers = '' }: Asking): Socket {
  const port = Number(new URL(origin).port)
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`.repeat(times))
  return socket
}

const countConnections = () =>
  new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
const statusOf = async (path: string, init: RequestInit = {}) => {
  const { status, body } = await fetch(origin + path, { ...init, keepalive: false })
  await body?.cancel()
  return status
}
/** All places of strangers are free: as many reads as there are places are at work at once. */
async function expectAllFree(): Promise<void> {
  hold()
  const both = ['127.0.1.1', '127.0.1.2'].map((from) => ask({ path: group, from }))
  await expect.poll(() => asked.running, soon).toBe(2)
  answer()
  await expect.poll(() => asked.running, soon).toBe(0)
  for (const socket of both) socket.destroy()
}

test('strangers who hang up take no more of the store than those who wait', async () => {
  await listen()
  for (let wave = 0; wave < 3; wave++) {
    const seen = new Promise((resolve) => app.server.once('request', resolve))
    const storm = Array.from({ length: 40 }, (_, index) =>
      ask({ path: group, from: `127.0.0.${10 + (index % 20)}`, times: 1 + (index % 3) }),
    )
    await seen
    await expect.poll(() => asked.running, soon).toBe(2)
    for (const socket of storm) socket.destroy()
    await expect.poll(countConnections, soon).toBe(0)
    const own = await fetch(`${origin}/api/v1/views/group?limit=50`, { headers: bearer })
    expect([own.status, ((await own.json()) as { rows: unknown[] }).rows]).toEqual([200, []])
    await app.server.closeIdleConnections()
    await expect.poll(countConnections, soon).toBe(0)
  }
  // None of those who waited has asked the store.
  expect(asked).toEqual({ running: 2, runningMax: 2, total: 2 })
  answer()
  await expect.poll(() => asked.running, soon).toBe(0)
  await expectAllFree()
})

test('rows are charged before they are read, and to who hung up as well', async () => {
  await listen({ openRowsPerMinute: 15 })
  const first = ask({ path: group })
  await expect.poll(() => asked.running, soon).toBe(1)
  expect(await statusOf(group)).toBe(429)
  first.destroy()
  await expect.poll(countConnections, soon).toBeLessThan(2)
  expect(await statusOf(group)).toBe(429)
  answer()
  await expect.poll(() => asked.running, soon).toBe(0)
  // It read no rows, and an answer costs ten: 10 and 10 are beyond 15.
  expect(await statusOf(group)).toBe(200)
  expect(await statusOf(group)).toBe(429)
})

test('who left the queue is charged nothing', async () => {
  await listen({ openRowsPerMinute: 2_000 })
  ask({ path: group })
  await expect.poll(() => asked.running, soon).toBe(1)
  const seen = new Promise((resolve) => app.server.once('request', resolve))
  const waiting = ask({ path: group })
  await seen
  expect(await statusOf(group)).toBe(429)
  waiting.destroy()
  await expect.poll(countConnections, soon).toBeLessThan(3)
  const next = statusOf(group)
  answer()
  expect(await next).toBe(200)
})

test('however a handler ends, its place comes back', async () => {
  const openReads = { ...apiLimits.openReads, workMsMax: 300 }
  const config = { access: 'either', isCostly: true } as const
  await listen({ openReads }, (scope) => {
    scope.get('/api/v1/throws', { config }, () => {
      throw new Error('thrown')
    })
    scope.get('/api/v1/rejects', { config }, async () => {
      await answered
      throw new Error('rejected')
    })
    scope.get('/api/v1/hijacks', { config }, async (_, reply) => {
      reply.hijack()
      await answered
      reply.raw.end()
    })
    scope.get('/api/v1/says-nothing', { config }, async () => {
      await answered
    })
    scope.get('/api/v1/never', { config }, () => new Promise(() => {}))
  })
  for (const name of ['throws', 'rejects', 'hijacks', 'says-nothing', 'never']) {
    hold()
    const seen = new Promise((resolve) => app.server.once('request', resolve))
    const storm = Array.from({ length: 30 }, (_, index) =>
      ask({ path: `/api/v1/${name}`, from: `127.0.0.${10 + (index % 10)}`, times: 2 }),
    )
    await seen
    for (const socket of storm.slice(1)) socket.destroy()
    answer()
    storm[0]!.destroy()
    await expect.poll(countConnections, { ...soon, message: name }).toBe(0)
    await expectAllFree()
  }
})

test('HEAD, in every format, leaves its place and its bytes', async () => {
  await listen({ openUnsentBytesPerAddressMax: 5_000 })
  answer()
  for (const format of ['json', 'csv', 'arrow']) {
    for (let times = 0; times < 10; times++) {
      expect(await statusOf(`${group}&format=${format}`, { method: 'HEAD' })).toBe(200)
    }
    expect(await statusOf(`${group}&format=${format}`)).toBe(200)
  }
  await expectAllFree()
})

test('answers that wait behind another leave their room with the connection', async () => {
  const [long, whole] = [Buffer.alloc(4 << 20), Buffer.alloc(12 << 20)]
  await listen({ openUnsentBytesPerAddressMax: 13 << 20 }, (scope) => {
    scope.get('/api/v1/long', { config: { access: 'either' } }, async () => long)
    scope.get('/api/v1/whole', { config: { access: 'either' } }, async () => whole)
  })
  const deaf = ask({ path: '/api/v1/long', times: 3 }).pause()
  await expect.poll(() => statusOf('/api/v1/long'), soon).toBe(503)
  deaf.destroy()
  await expect.poll(() => statusOf('/api/v1/whole'), soon).toBe(200)
})

test('neither HEAD nor streams behind another keep a place of the stream', async () => {
  await listen({ streamClientsMax: 3 })
  const path = '/api/v1/stream'
  for (let times = 0; times < 100; times++) {
    expect(await statusOf(path, { method: 'HEAD', headers: bearer })).toBe(405)
  }
  const headers = `Authorization: ${bearer.authorization}\r\n`
  const three = ask({ path, headers, times: 3 })
  await expect.poll(() => statusOf(path, { headers: bearer }), soon).toBe(503)
  three.destroy()
  const served: Response[] = []
  const take = async () => {
    const response = await fetch(origin + path, { headers: bearer })
    if (response.status === 200) served.push(response)
    else await response.body?.cancel()
    return served.length
  }
  await expect.poll(take, soon).toBe(3)
  for (const { body } of served) await body?.cancel()
})
