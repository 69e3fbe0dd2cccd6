import type { FastifyInstance } from 'fastify'
import { open } from 'lmdb'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { chunkOf, openUpload, type Upload } from '../testing/openUpload.ts'
import { openReadingsApi, row } from '../testing/readingsApi.ts'

/** What many senders, large ones and slow ones take from one another: over real sockets. */
const { close, dir, log, openApi } = await openReadingsApi()
afterAll(close)

let api: FastifyInstance
let url: string
const uploads: Upload[] = []
const line = `${JSON.stringify(row)}\n`

afterEach(async () => {
  for (const { socket } of uploads.splice(0)) socket.destroy()
  await api.close()
})

async function listen(limits = {}): Promise<void> {
  api = await openApi(limits)
  url = await api.listen({ host: '127.0.0.1', port: 0 })
}

/** An upload whose head has reached the server. */
async function begin(given: { length?: number; body?: string; from?: string }): Promise<Upload> {
  const isSeen = new Promise((resolve) => api.server.once('request', resolve))
  const upload = openUpload({ url, ...given })
  uploads.push(upload)
  await isSeen
  return upload
}

async function sendOne(from = '127.0.0.1'): Promise<string> {
  const { answered, socket } = openUpload({ url, length: line.length, body: line, from })
  const answer = await answered
  socket.destroy()
  return answer
}

const statusOf = (answer: string) => Number(answer.slice(9, 12))

describe('admission', () => {
  test('eight slow uploads, and a hundred held connections, delay nobody else', async () => {
    // They stay where they are however long this takes: others have room all the same.
    await listen({ quickMsMax: 600_000 })
    const slow: Upload[] = []
    for (let index = 0; index < 8; index++) slow.push(await begin({ length: 8 << 20 }))
    for (let index = 0; index < 100; index++) slow.push(await begin({ length: 100 }))
    const answers = await Promise.all(Array.from({ length: 200 }, () => sendOne()))
    expect(new Set(answers.map(statusOf))).toEqual(new Set([202]))
    const large = openUpload({ url, length: line.length * 1_000, body: line.repeat(1_000) })
    uploads.push(large)
    // 64 MiB are this address's share of large bodies, and the eight have it.
    expect(statusOf(await large.answered)).toBe(429)
    const other = await begin({ length: 70 * line.length * 20, body: '', from: '127.0.0.2' })
    other.socket.write(line.repeat(1_400))
    expect(statusOf(await other.answered)).toBe(202)
  })

  test('a thousand senders of one reading at once are taken, and share log writes', async () => {
    await listen()
    // In one process LMDB opens a folder once: this is the log's own environment.
    const root = open({ path: dir, noSubdir: false, maxDbs: 4 })
    const commits = () => (root.getStats() as { lastTxnId: number }).lastTxnId
    const before = commits()
    const sends = Array.from({ length: 1_000 }, (_, index) =>
      sendOne(`127.0.0.${2 + (index % 50)}`),
    )
    const answers = await Promise.all(sends)
    expect(new Set(answers.map(statusOf))).toEqual(new Set([202]))
    // One each, where none shares.
    expect(commits() - before).toBeLessThan(sends.length / 4)
  })

  test('one sender cannot take all, and learns when to come again', async () => {
    await listen({ requestBytes: 4_096, smallBytesMax: 4 * 4_096 })
    await begin({ length: 100 })
    const second = await begin({ length: line.length, body: line.slice(0, 9) })
    const refused = await sendOne()
    expect(statusOf(refused)).toBe(429)
    expect(refused).toMatch(/\r\nretry-after: 1\r\n/)
    expect(refused).toContain('This address uses its share')
    expect(statusOf(await sendOne('127.0.0.2'))).toBe(202)
    // Its own requests leave room again.
    second.socket.write(line.slice(9))
    expect(statusOf(await second.answered)).toBe(202)
    expect(statusOf(await sendOne())).toBe(202)
  })

  test('all senders together have a bound', async () => {
    await listen({ requestBytes: 4_096, smallBytesMax: 2 * 4_096 })
    for (const from of ['127.0.0.2', '127.0.0.3']) await begin({ length: 100, from })
    const refused = await sendOne()
    expect([statusOf(refused), refused.includes('are in use')]).toEqual([429, true])
  })

  test('a body without a length is counted as it comes', async () => {
    await listen({ largeBytesMax: 2 << 20 })
    const small = await begin({ body: line })
    small.socket.write(`${chunkOf(line)}0\r\n\r\n`)
    expect(await small.answered).toContain('"queued":2')
    const large = await begin({ body: line })
    // Its first 256 KiB are reserved; with 1.25 MiB it is beyond this address's half.
    for (let sent = 0; sent < 5; sent++) large.socket.write(chunkOf('x'.repeat(256 << 10)))
    expect(statusOf(await large.answered)).toBe(429)
    await large.closed
  })
})

describe('who hangs up', () => {
  test('its bodies count until their handlers have ended, and no longer', async () => {
    // Room for two small bodies of this address.
    await listen({ requestBytes: 4_096, smallBytesMax: 4 * 4_096 })
    const append = log.append.bind(log)
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const late = vi.spyOn(log, 'append').mockImplementation(async (...given) => {
      await held
      return append(...given)
    })
    const first = await begin({ length: line.length, body: line })
    const seen = new Promise((resolve) => api.server.once('request', resolve))
    // Its answer waits behind the first one's.
    first.socket.write(
      'POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\n' +
        `Content-Type: application/x-ndjson\r\nContent-Length: ${line.length}\r\n\r\n${line}`,
    )
    await seen
    await expect.poll(() => late.mock.calls.length).toBe(2)
    first.socket.destroy()
    const countOpen = () =>
      new Promise<number>((resolve) => api.server.getConnections((_, open) => resolve(open)))
    await expect.poll(countOpen).toBe(0)
    expect(statusOf(await sendOne())).toBe(429)
    go()
    await expect.poll(async () => statusOf(await sendOne())).toBe(202)
    late.mockRestore()
    await begin({ length: 100 })
    expect(statusOf(await sendOne())).toBe(202)
  })
})

describe('slow bodies', () => {
  const soon = { quickMsMax: 40, rateMs: 100 }

  test('one that stands still is refused with 408, and its connection closed', async () => {
    await listen({ ...soon })
    const { answered, closed } = await begin({ length: 1_000 })
    const answer = await answered
    expect(statusOf(answer)).toBe(408)
    expect(answer).toContain('urn:wattproof:problem:too-slow')
    expect(answer).toMatch(/\r\nretry-after: 1\r\n/)
    await closed
  })

  test('one that keeps the rate is read to its end', async () => {
    await listen({ ...soon, slowBytesPerSMin: 10 })
    const body = line.repeat(40)
    const upload = await begin({ length: body.length, body: '' })
    for (let at = 0; at < body.length; at += 100) {
      upload.socket.write(body.slice(at, at + 100))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await upload.answered).toContain('"queued":40')
  })

  test('they are few, and have left the room of quick ones', async () => {
    // Room for one small body of this address, and for one slow one.
    await listen({
      ...{ quickMsMax: 40, rateMs: 60_000, requestBytes: 4_096 },
      ...{ smallBytesMax: 2 * 4_096, slowBodiesMax: 2 },
    })
    const first = await begin({ length: line.length, body: line.slice(0, 9) })
    expect(statusOf(await sendOne())).toBe(429)
    await expect.poll(async () => statusOf(await sendOne())).toBe(202)
    const second = await begin({ length: 1_000 })
    const refused = await second.answered
    expect([statusOf(refused), refused.includes('in smaller parts')]).toEqual([429, true])
    first.socket.write(line.slice(9))
    expect(statusOf(await first.answered)).toBe(202)
  })
})
