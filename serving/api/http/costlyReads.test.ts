import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { bearer, openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { ApiLimits } from './limits.ts'

/** What strangers ask that costs much, on a real store and over real sockets. */

const groups = 25
const slots = 600
const slotMs = 1_800_000
const startMs = Date.UTC(2013, 1, 1)
const endMs = startMs + slots * slotMs
const iso = (ms: number) => new Date(ms).toISOString()
const range = `from=${iso(startMs)}&to=${iso(endMs)}`
/** The longest that a stranger can ask. */
const costly = `/api/v1/views/group?${range}&limit=50000`

let clickhouse: TestClickHouse
let views: Views
let app: FastifyInstance
let origin: string
const sockets: Socket[] = []
const asked = { running: 0, runningMax: 0, over: 0, rowsMax: 0 }

beforeAll(async () => {
  clickhouse = await startTestClickHouse()
  views = await openClickHouseViews({ url: clickhouse.url })
  const rows = Array.from({ length: groups * slots }, (_, index) => ({
    ...{ group_id: `group-${index % groups}`, version: 1, duration_s: 1800, members: 9 },
    start: startMs + Math.floor(index / groups) * slotMs,
    ...{ load_w: index, baseline_w: index, deviation_w: 0 },
  }))
  await views.insert('speed_group', rows)
}, 120_000)
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await app.close()
})
afterAll(async () => {
  await views.close()
  await clickhouse.stop()
})

/** Counts the queries of strangers, which ask for one row more than a page of theirs. */
function counted(): Views {
  Object.assign(asked, { running: 0, runningMax: 0, over: 0, rowsMax: 0 })
  return {
    ...views,
    async query(name, ...given) {
      const { limit = 0 } = (given[0] ?? {}) as { limit?: number }
      if (name !== 'merged_group' || limit < 100) return views.query(name, ...given)
      asked.running += 1
      asked.runningMax = Math.max(asked.runningMax, asked.running)
      try {
        const rows = await views.query(name, ...given)
        asked.rowsMax = Math.max(asked.rowsMax, rows.length)
        return rows
      } finally {
        asked.running -= 1
        asked.over += 1
      }
    },
  }
}

async function listen(
  limits: Partial<ApiLimits> = {},
  ...routes: ((app: FastifyInstance) => void)[]
) {
  const clock = standingClock(endMs)
  app = await openTestApi({ views: counted(), clock, limits, extensions: routes })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
}

/** Somebody who asks and reads nothing. */
function askOnly(from: string, path: string, times = 1): Socket {
  const socket = connect({
    port: Number(new URL(origin).port),
    host: '127.0.0.1',
    localAddress: from,
  })
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times))
  return socket
}

test('twenty strangers with the costliest read keep nobody waiting', async () => {
  await listen()
  const first = new Promise<void>((resolve) => app.server.once('request', () => resolve()))
  // Ten requests each.
  for (let index = 0; index < 20; index++) askOnly(`127.0.0.${10 + index}`, costly, 10)
  await first
  await expect.poll(() => asked.running, { timeout: 20_000 }).toBeGreaterThan(0)
  const overBefore = asked.over
  const [live, ready, status, own] = await Promise.all([
    fetch(`${origin}/livez`),
    fetch(`${origin}/readyz`),
    fetch(`${origin}/api/v1/views`),
    fetch(`${origin}/api/v1/views/group?${range}&limit=50`, { headers: bearer }),
  ])
  const overMeanwhile = asked.over - overBefore
  expect([live.status, status.status, own.status]).toEqual([200, 200, 200])
  expect(((await ready.json()) as { parts: { views: unknown } }).parts.views).toMatchObject({
    isReady: true,
  })
  expect(((await own.json()) as { rows: unknown[] }).rows).toHaveLength(50)
  // 64 wait at most, and two are read at a time: many of them are still to come.
  expect(overMeanwhile).toBeLessThan(40)
  await expect.poll(() => asked.over, { timeout: 60_000 }).toBeGreaterThan(overMeanwhile)
  expect(asked.runningMax).toBe(2)
  expect(asked.rowsMax).toBe(2_001)
}, 120_000)

test('a stranger’s pages are short, and lead through all rows', async () => {
  await listen()
  let from: string | null = iso(startMs)
  let rows = 0
  for (let pages = 1; from !== null; pages++) {
    const url = `${origin}/api/v1/views/group?from=${from}&to=${iso(endMs)}&limit=50000`
    const answer = (await (await fetch(url)).json()) as { rows: unknown[]; next: string | null }
    expect(answer.rows.length).toBeLessThanOrEqual(2_000)
    rows += answer.rows.length
    from = answer.next
    expect(pages).toBeLessThan(10)
  }
  expect(rows).toBe(groups * slots)
  const whole = await fetch(`${origin}${costly}`, { headers: bearer })
  expect(((await whole.json()) as { rows: unknown[] }).rows).toHaveLength(groups * slots)
  const long = `from=${iso(startMs)}&to=${iso(startMs + 63 * 86_400_000)}`
  expect((await fetch(`${origin}/api/v1/views/group?${long}`)).status).toBe(400)
})

test('an instant with more rows than a page of strangers comes in several', async () => {
  await listen({ openRowsMax: 10 })
  const range = `from=${iso(startMs)}&to=${iso(startMs + slotMs)}&limit=50`
  const seen = new Set<string>()
  let page = ''
  for (let pages = 1; ; pages++) {
    const answer = await fetch(`${origin}/api/v1/views/group?${range}${page}`)
    const { rows, next } = (await answer.json()) as { rows: { group: string }[]; next: string }
    expect(rows.length).toBeLessThanOrEqual(10)
    for (const { group } of rows) seen.add(group)
    if (next === null) break
    page = `&page=${next}`
    expect(pages).toBeLessThan(groups)
  }
  expect(seen.size).toBe(groups)
})

test('the rows of a stranger’s minute end, and those of others do not', async () => {
  await listen({ openRowsPerMinute: 3_000 })
  const statuses: number[] = []
  for (let index = 0; index < 4; index++) statuses.push((await fetch(origin + costly)).status)
  expect(statuses).toEqual([200, 200, 429, 429])
  const refused = await fetch(origin + costly)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await fetch(origin + costly, { headers: bearer })).status).toBe(200)
  expect((await fetch(`${origin}/api/v1/views`)).status).toBe(200)
})

test('answers that nobody reads have a room, and leave it with their client', async () => {
  const long = Buffer.alloc(16 << 20)
  const limits = { openUnsentBytesMax: 100 << 20, openUnsentBytesPerAddressMax: 40 << 20 }
  await listen(limits, (scope) => {
    scope.get('/api/v1/long', { config: { access: 'either' } }, async () => long)
  })
  const statusOf = async (headers = {}) => {
    const answer = await fetch(`${origin}/api/v1/long`, { headers })
    await answer.arrayBuffer()
    return answer.status
  }
  const deaf = [1, 2].map(() => askOnly('127.0.0.1', '/api/v1/long').pause())
  await expect.poll(() => statusOf(), { timeout: 10_000 }).toBe(503)
  expect(await statusOf(bearer)).toBe(200)
  expect((await fetch(`${origin}/livez`)).status).toBe(200)
  for (const socket of deaf) socket.destroy()
  await expect.poll(() => statusOf(), { timeout: 10_000 }).toBe(200)
})

test('an answer that was made and has no room is refused whole', async () => {
  await listen({ openUnsentBytesPerAddressMax: 100 << 10 })
  for (const format of ['json', 'csv', 'arrow']) {
    const answer = await fetch(`${origin}${costly}&format=${format}`)
    expect([answer.status, answer.headers.get('etag')]).toEqual([503, null])
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(((await answer.json()) as { type: string }).type).toMatch(/:busy$/)
  }
})

test('who does not read an answer is disconnected', async () => {
  const long = Buffer.alloc(16 << 20)
  const limits = { readMsMax: 200, readBytesPerSMin: 1 << 30, checkMs: 50 }
  await listen({ ...limits, openUnsentBytesPerAddressMax: 40 << 20 }, (scope) => {
    scope.get('/api/v1/long', { config: { access: 'either' } }, async () => long)
  })
  const open = () =>
    new Promise<number>((resolve) => app.server.getConnections((_, n) => resolve(n)))
  askOnly('127.0.0.1', '/api/v1/long').pause()
  await expect.poll(open, { timeout: 10_000 }).toBe(1)
  await expect.poll(open, { timeout: 10_000 }).toBe(0)
})
