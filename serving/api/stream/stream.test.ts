import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../../../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { bearer, openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import { exampleEvent, meters } from '../../settlement/testing/exampleEvent.ts'
import { type StreamTopic, streamMessages } from '../../shapes/stream.ts'
import { openEventStore } from '../../store/eventStore.ts'
import { followUpdates } from './followUpdates.ts'
import type { UpdateReader } from './pollUpdates.ts'
import { createStreamHub } from './streamHub.ts'

const { startMs } = exampleEvent
const stranger = { isTrusted: false, address: '192.0.2.1' }
const limits = { streamPollMs: 50, openStreamsMax: 3 }

let dir: string
let clickhouse: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
let url: string
const warned: string[] = []
/** Open answers of the server, and clients that follow. */
const answers = new Set<ServerResponse>()
const followed = new Set<Followed>()
const clock = standingClock(startMs + 1_800_000)

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-stream-'))
  clickhouse = await startTestClickHouse()
  views = await openClickHouseViews({ url: clickhouse.url })
  const partitions = { 'readings.v1': 1, 'readings.v1.rejected': 1 }
  log = await openLmdbLog({ dir, partitions })
  const logger = { level: 'warn', stream: { write: (line: string) => void warned.push(line) } }
  app = await openTestApi({ views, log, clock, limits, logger })
  app.server.on('request', (_, answer) => {
    answers.add(answer)
    answer.on('close', () => answers.delete(answer))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1/stream`
})
// A test that failed must not keep the places of the next one.
afterEach(async () => {
  await Promise.all([...followed].map((client) => client.leave()))
})
afterAll(async () => {
  await app?.close()
  await Promise.all([views?.close(), log?.close()])
  await clickhouse?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('sends the status first, then changes; single meters with the token only', async () => {
  const open = await follow()
  const trusted = await follow(bearer)
  expect((await open.next('status')).layers.speed.state).toBe('waiting')

  await views.insert('speed_group', [groupRow('dynamic', 5, 600), groupRow('lonely', 1, 40)])
  const rowsOf = async (client: Followed) =>
    (await client.next('deviations')).rows.map(({ group, loadW }) => [group, loadW])
  expect(await rowsOf(open)).toEqual([['dynamic', 600]])
  expect(await rowsOf(trusted)).toEqual([
    ['dynamic', 600],
    ['lonely', 40],
  ])

  const alone = { ...exceptionRow('ALONE'), group_id: 'lonely' }
  await views.insert('speed_deviation', [alone, ...meters.slice(0, 2).map(exceptionRow)])
  expect(await open.next('exceptions')).toEqual({ counts: { dynamic: 2 } })
  const outside = await trusted.next('exceptions')
  const named = 'rows' in outside && outside.rows.map(({ meter }) => meter)
  expect(named).toEqual(['ALONE', ...meters.slice(0, 2)])

  await openEventStore(views).putEvent(firstProgress(exampleEvent))
  const { events } = await open.next('events')
  expect(events).toMatchObject([{ id: exampleEvent.id, state: 'announced', participants: 5 }])
  expect(JSON.stringify(events)).not.toContain(meters[0])
  await Promise.all([open.leave(), trusted.leave()])
})

test('a client from before the first look gets a reset, and misses no change', async () => {
  const hub = createStreamHub({
    ...{ clientsMax: 2, openClientsMax: 2, openClientsPerAddressMax: 2, openMsMax: 60_000 },
    ...{ messagesMax: 100, keptBytesMax: 20_000, bytesMax: 4_000, openBytesMax: 4_000 },
    heartbeatMs: 9_000,
  })
  let answer = () => {}
  let looks = 0
  const stores = new Promise<void>((resolve) => {
    answer = resolve
  })
  const updates: UpdateReader = {
    async read() {
      looks += 1
      await stores
      return looks === 2 ? [{ topic: 'events', updates: { open: { events: [] } } }] : []
    },
  }
  const follower = followUpdates({ updates, hub, clock: systemClock(), pollMs: 20, warn() {} })
  await follower.wake()
  const client = hub.connect({ ...stranger, lastEventId: null, topics: [], status: null })
  let said = ''
  client.on('data', (part) => {
    said += part
  })
  answer()
  await vi.waitFor(() => expect(said).toMatch(/event: reset.*event: events/s), 10_000)
  await follower.wake()
  expect(said.match(/event: reset/g)).toHaveLength(1)
  hub.close()
  await follower.stop()
})

test('the first status is of now, however long nobody followed or nothing changed', async () => {
  const before = await follow()
  await before.next('status')
  await before.leave()
  clock.ms += 5 * 60_000
  const later = await follow()
  const { now } = await later.next('status')
  expect(Date.parse(now)).toBe(clock.ms)
  await later.leave()
})

test('a client that reconnects gets what it missed, or a reset', async () => {
  const first = await follow()
  await first.next('status')
  const { lastId } = first
  await first.leave()
  const staying = await follow()
  await views.insert('speed_group', [groupRow('dynamic', 5, 700)])
  await staying.next('deviations')

  const back = await follow({ 'last-event-id': lastId() })
  expect((await back.next('deviations')).rows[0]).toMatchObject({ loadW: 700 })
  await back.leave()

  const stranger = await follow({ 'last-event-id': 'another-installation-7' })
  expect((await stranger.next('reset')).sentence).toMatch(/fetch what you show again/)
  await Promise.all([staying.leave(), stranger.leave()])
})

test('only the requested topics, and no more clients than allowed', async () => {
  const events = await follow({}, '?topics=events,anchors')
  const others = await Promise.all([follow(), follow()])
  const refused = await fetch(url)
  expect(refused.status).toBe(503)
  expect(((await refused.json()) as { detail: string }).detail).toMatch(/^3 clients follow/)
  await views.insert('speed_group', [groupRow('dynamic', 5, 800)])
  await others[0].next('deviations')
  await openEventStore(views).putEvent({ ...firstProgress(exampleEvent), version: 2 })
  await openEventStore(views).putEvent({
    ...firstProgress(exampleEvent),
    version: 3,
    problem: { kind: 'objected' },
  })
  // The stream may have looked between the two versions.
  let latest = (await events.next('events')).events[0]
  if (latest?.isStuck !== true) latest = (await events.next('events')).events[0]
  expect(latest).toMatchObject({ isStuck: true })
  expect(events.topics()).toEqual(['events'])
  await Promise.all([events.leave(), ...others.map((each) => each.leave())])
  const next = await follow()
  await next.leave()
})

test('connecting and disconnecting clients are not logged', () => {
  expect(warned.filter((line) => !line.includes('3 clients follow'))).toEqual([])
})

test('a client that does not read is disconnected, and others are not delayed', async () => {
  const hub = createStreamHub({
    ...{ clientsMax: 0, openClientsMax: 2, openClientsPerAddressMax: 2, openMsMax: 60_000 },
    ...{ messagesMax: 4, keptBytesMax: 9_000, bytesMax: 1_000, openBytesMax: 1_000 },
    heartbeatMs: 9_000,
  })
  const stuck = hub.connect({ ...stranger, lastEventId: null, topics: [], status: null })
  stuck.on('error', () => {})
  const reader = hub.connect({ ...stranger, lastEventId: null, topics: [], status: null })
  let received = ''
  reader.on('data', (part) => {
    received += part
  })
  for (let index = 0; index < 5; index++) {
    hub.publish('events', { open: { text: 'x'.repeat(300), index } })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(stuck.destroyed).toBe(true)
  expect(hub.count()).toBe(1)
  expect(received.match(/^event: events$/gm)).toHaveLength(5)
  hub.close()
  expect(
    reader.readableEnded || (await new Promise((end) => reader.on('end', () => end(true)))),
  ).toBe(true)
})

test('a client that missed more than it may be behind gets a reset, and stays', async () => {
  const hub = createStreamHub({
    ...{ clientsMax: 2, openClientsMax: 2, openClientsPerAddressMax: 2, openMsMax: 60_000 },
    ...{ messagesMax: 100, keptBytesMax: 20_000, bytesMax: 4_000, openBytesMax: 4_000 },
    heartbeatMs: 9_000,
  })
  const follow = (lastEventId: string | null) => {
    const stream = hub.connect({ ...stranger, lastEventId, topics: [], status: null })
    const client = { stream, said: '', ids: () => [...client.said.matchAll(/^id: (.*)$/gm)] }
    stream.on('data', (part) => {
      client.said += part
    })
    return client
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const reader = follow(null)
  // 60 of 300 bytes: 18 kB, of which a client may miss 2 kB.
  for (let index = 0; index < 60; index++) {
    hub.publish('events', { open: { text: 'x'.repeat(280), index } })
    await turn()
  }
  const ids = reader.ids().map(([, id]) => id!)
  expect(ids).toHaveLength(60)
  reader.stream.destroy()
  await turn()
  const far = follow(ids[0]!)
  const near = follow(ids[56]!)
  await turn()
  expect(far.said).toContain('event: reset')
  expect(near.said.match(/^event: events$/gm)).toHaveLength(3)
  expect([far.stream.destroyed, near.stream.destroyed]).toEqual([false, false])
  // 25 kB more: of all that only 20 kB are kept.
  near.stream.destroy()
  await turn()
  for (let index = 0; index < 10; index++) {
    hub.publish('events', { open: { text: 'x'.repeat(2_500), index } })
    await turn()
  }
  expect(far.said.match(/^event: events$/gm)).toHaveLength(10)
  const gone = follow(ids[59]!)
  await turn()
  expect(gone.said).toContain('event: reset')
  for (const { stream } of [far, gone]) stream.destroy()
  hub.close()
})

type Messages<Topic extends StreamTopic> = ReturnType<(typeof streamMessages)[Topic]['parse']>
type Followed = {
  next<Topic extends StreamTopic>(topic: Topic): Promise<Messages<Topic>>
  lastId(): string
  topics(): (string | undefined)[]
  leave(): Promise<void>
}

/** A client of the stream, which checks messages against their shapes. */
async function follow(headers: Record<string, string> = {}, query = ''): Promise<Followed> {
  const stop = new AbortController()
  const response = await fetch(url + query, { headers, signal: stop.signal })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const messages: EventSourceMessage[] = []
  const waiting = new Set<() => void>()
  const parser = createParser({
    onEvent(message) {
      const topic = message.event as StreamTopic
      streamMessages[topic].parse(JSON.parse(message.data))
      messages.push(message)
      for (const wake of waiting) wake()
    },
  })
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const part of response.body!) parser.feed(decoder.decode(part, { stream: true }))
  })().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error
  })
  let seen = 0
  const client: Followed = {
    async next(topic) {
      for (;;) {
        const found = messages.slice(seen).findIndex((each) => each.event === topic)
        if (found >= 0) {
          seen += found + 1
          const { data } = messages[seen - 1]!
          return streamMessages[topic].parse(JSON.parse(data)) as Messages<typeof topic>
        }
        await new Promise<void>((wake) => waiting.add(wake))
      }
    },
    lastId: () => messages.at(-1)?.id ?? '',
    topics: () => [...new Set(messages.map((each) => each.event))],
    async leave() {
      stop.abort()
      await reading
      followed.delete(client)
      // The server sees some turns later that the client has left.
      await vi.waitFor(() => expect(answers.size).toBeLessThanOrEqual(followed.size), 10_000)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  followed.add(client)
  return client
}

function groupRow(group_id: string, members: number, load_w: number) {
  const rest = { start: startMs, duration_s: 1800, baseline_w: 500, deviation_w: load_w - 500 }
  return { group_id, version: load_w, members, load_w, ...rest }
}

function exceptionRow(meter: string) {
  return {
    ...{ meter, start: startMs, version: 1, group_id: 'dynamic', duration_s: 1800 },
    ...{ energy_mwh: 900_000, baseline_mwh: 300_000, ratio: 1, deviation_w: 1200, z: 4 },
    ...{ rolling_wh: 1600, is_exception: true, is_missing: false },
  }
}
