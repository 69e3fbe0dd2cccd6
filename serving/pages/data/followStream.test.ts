import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { openTestApi, testToken } from '../../../deploy/testing/testApi.ts'
import type { ApiLimits } from '../../api/http/limits.ts'
import { type FollowedStream, followStream } from './followStream.ts'

/** The pages' end of the live stream, against the real server. */
let app: FastifyInstance
let url: string
/** On a machine that has much else to do. */
const soon = { timeout: 20_000 }
const sockets: Socket[] = []
const pages: FollowedStream[] = []

afterEach(async () => {
  for (const page of pages.splice(0)) page.stop()
  for (const socket of sockets.splice(0)) socket.destroy()
  await app.close()
})

async function listen(limits: Partial<ApiLimits> = {}): Promise<void> {
  app = await openTestApi({ limits })
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/v1/stream`
}

/** What a page sees: `open`, `missed` where it must fetch anew, and the status of a refusal. */
function openPage(tab: { token: string | null }): { seen: (string | number | null)[] } {
  const seen: (string | number | null)[] = []
  const page = followStream({
    url,
    readToken: () => tab.token,
    onMessage: (topic) => void seen.push(topic),
    onOpen: (isSeamless) => void seen.push(isSeamless ? 'open' : 'missed'),
    onBroken: (status) => void seen.push(status),
  })
  pages.push(page)
  return { seen }
}

test('strangers who hold all their places keep no operator from the live page', async () => {
  await listen()
  let answered = 0
  for (let index = 0; index < 64; index++) {
    const localAddress = `127.0.0.${2 + (index % 11)}`
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    sockets.push(socket.on('error', () => {}))
    socket.once('data', () => void answered++)
    socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  }
  await expect.poll(() => answered, soon).toBe(64)
  const stranger = openPage({ token: null })
  await expect.poll(() => stranger.seen[0], soon).toBe(503)
  const tab = { token: testToken }
  const operator = openPage(tab)
  await expect.poll(() => operator.seen, soon).toEqual(['open'])
  // Seven tabs of one office are as many holders.
  const office = Array.from({ length: 7 }, () => openPage(tab))
  await expect.poll(() => office.map(({ seen }) => seen[0]), soon).toEqual(Array(7).fill('open'))
})

test('a page that gets a token connects anew with it, and a wrong one is refused', async () => {
  await listen({ openStreamsMax: 1 })
  const tab = { token: null as string | null }
  const first = openPage(tab)
  await expect.poll(() => first.seen, soon).toEqual(['open'])
  tab.token = testToken
  pages[0]!.restart()
  await expect.poll(() => first.seen, soon).toEqual(['open', 'open'])
  // The place of a stranger is free again.
  const second = openPage({ token: null })
  await expect.poll(() => second.seen.at(-1), soon).toBe('open')
  const third = openPage({ token: 'not-the-right-one' })
  await expect.poll(() => third.seen[0], soon).toBe(401)
})

test('a stream that ends is opened again, and is not broken meanwhile', async () => {
  await listen({ openStreamMsMax: 50 })
  const { seen } = openPage({ token: null })
  await expect.poll(() => seen.length, soon).toBeGreaterThan(1)
  expect(seen.slice(0, 2)).toEqual(['open', 'open'])
})
