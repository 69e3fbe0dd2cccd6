import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rejectedRow } from '../../batch/archive/archiveRows.ts'
import { openLmdbLog } from '../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { decodeDeadLetter } from '../../schemas/deadLetter.ts'
import { decodeFrame, encodeFrame } from '../../schemas/frame.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { parseBody } from '../ingest/parseBody.ts'
import { bodyOfDeadLetter } from '../ingest/source.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'
import { registerReadingsRoutes } from './readingsRoutes.ts'
import { createMeterRegistry } from './registry.ts'
import { createDeadLetterRetry } from './retryDeadLetters.ts'

const now = Date.parse('2013-02-12T00:00Z')
const clock: Clock = { nowMs: () => now, sleep: async () => {} }
const folder = mkdtempSync(path.join(tmpdir(), 'wattproof-routes-'))
const partitions = { [readingsTopic]: 2, [rejectedTopic]: 1 }
const row = { meter: 'A', start: '2013-02-11T16:30Z', duration_s: 1800, energy_wh: 0.1 }
const ndjson = 'application/x-ndjson'

let server: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  log = await openLmdbLog({ dir: folder, partitions })
  app = await openApi()
  const meters = ['A', 'B', 'C', 'D'].map((meter) => {
    return { meter, zone: 'Europe/London', group: 'G', intervalS: 1800 }
  })
  const enrolled = await post('/api/v1/meters', {
    type: 'application/json',
    payload: JSON.stringify(meters),
  })
  expect(enrolled.json()).toEqual({ enrolled: 4, unchanged: 0 })
})

afterAll(async () => {
  await app.close()
  await log.close()
  await views.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

let before: { readings: number; rejected: number }
/** Of the partitions of `readings.v1`. */
let ends: number[]
beforeEach(async () => {
  before = await counts()
  ends = (await log.progress('speed', readingsTopic)).map(({ end }) => end)
})

test('acknowledged readings are in the log, and rejected ones in the dead letters', async () => {
  const lines = [row, { ...row, meter: 'X' }, { ...row, meter: 'B' }, { ...row, colour: 'red' }]
  const body = lines.map((line) => JSON.stringify(line)).join('\n')
  const response = await post('/api/v1/readings', { type: ndjson, payload: body })

  expect(response.statusCode).toBe(202)
  const answer = response.json<ReadingsAnswer>()
  expect(answer).toMatchObject({ read: 4, queued: 2, gaps: 0, rejectedCount: 2 })
  expect(answer.rejected).toEqual([
    { index: 1, reason: 'unknown-meter', detail: 'X is not enrolled.' },
    { index: 3, reason: 'unknown-field', detail: '"colour" is no field of a reading.' },
  ])
  const readings = []
  for (const [partition, offset] of Object.entries(answer.position)) {
    const at = { topic: readingsTopic, partition: Number(partition), offset }
    for (const { value } of await log.read(at, 1)) readings.push(...decodeFrame(value))
  }
  expect(readings.map(({ meter }) => meter).sort()).toEqual(['A', 'B'])

  const at = { topic: rejectedTopic, partition: 0, offset: answer.rejectedPosition! - 1 }
  const deadLetters = (await log.read(at, 2)).map(({ value }) => decodeDeadLetter(value))
  expect(deadLetters.map(({ reason, receivedMs }) => [reason, receivedMs])).toEqual([
    ['unknown-meter', now],
    ['unknown-field', now],
  ])
  const original = Buffer.from(deadLetters[0]!.originalBase64, 'base64')
  expect(original.toString()).toBe(JSON.stringify({ ...row, meter: 'X' }))
  const again = bodyOfDeadLetter(deadLetters[0]!.source, original)
  const retried = parseBody(again.body, { format: again.format, nowMs: now, source: 'retry' })
  expect(retried.rows[0]!.reading.meter).toBe('X')
})

test.each([
  ['application/json', '', JSON.stringify([row, { ...row, meter: 'B' }])],
  [
    'text/csv',
    '',
    'meter,start,duration_s,energy_wh\nA,2013-02-11T16:30Z,1800,1\nB,2013-02-11T16:30Z,1800,1',
  ],
  ['text/csv; charset=utf-8', '?layout=wide&unit=kwh&step=1800', 't,A,B,C\n2013-02-11 16:30,1,2,'],
])('%s%s', async (type, query, body) => {
  const response = await post(`/api/v1/readings${query}`, { type: type, payload: body })
  expect(response.json<ReadingsAnswer>()).toMatchObject({ read: 2, queued: 2, rejectedCount: 0 })
})

test('a frame', async () => {
  const options = {
    nowMs: now,
    source: '',
    format: { kind: 'ndjson', zone: 'UTC', unit: 'wh', stepS: 0 },
  } as const
  const { rows } = parseBody(new TextEncoder().encode(JSON.stringify(row)), options)
  const frame = Buffer.from(encodeFrame(rows.map(({ reading }) => reading)))
  const response = await post('/api/v1/readings', {
    type: 'application/vnd.wattproof.frame',
    payload: frame,
  })
  expect(response.json<ReadingsAnswer>()).toMatchObject({ read: 1, queued: 1 })
})

test('a retry with the same key appends nothing, also after a restart of the server', async () => {
  const body = [row, { ...row, meter: 'B' }, 17].map((line) => JSON.stringify(line)).join('\n')
  const first = await post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-1' })
  const after = await counts()
  expect(after).toEqual({ readings: before.readings + 2, rejected: before.rejected + 1 })
  const other = await openApi()
  for (const api of [app, other]) {
    const again = await post('/api/v1/readings', {
      type: ndjson,
      payload: body,
      key: 'key-1',
      api: api,
    })
    expect(again.json()).toEqual(first.json())
  }
  await other.close()
  expect(await counts()).toEqual(after)
})

test('a retry appends only to the partitions that a killed server had not reached', async () => {
  // The state after a kill between two appends: the half with A is in the log under this key.
  await post('/api/v1/readings', { type: ndjson, payload: JSON.stringify(row), key: 'key-2' })
  const api = await openApi()
  const body = [row, { ...row, meter: 'B' }].map((line) => JSON.stringify(line)).join('\n')
  await post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-2', api: api })
  await api.close()
  expect((await counts()).readings).toBe(before.readings + 2)
})

test('two concurrent requests under one key are one', async () => {
  const body = JSON.stringify(row)
  const both = [1, 2].map(() =>
    post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-3' }),
  )
  const [first, second] = await Promise.all(both)
  expect(second!.json()).toEqual(first!.json())
  expect((await counts()).readings).toBe(before.readings + 1)
})

test.each([
  [400, 'application/json', '{"meter":"A"}', 'no JSON array'],
  [400, 'text/csv', 'meter,start\n', 'duration_s'],
  [400, 'application/vnd.wattproof.frame', 'WPF9xxxxxxxx', 'WPF1'],
  [413, ndjson, 'x'.repeat(5_000), 'larger than this route takes'],
  [413, ndjson, '1\n'.repeat(101), 'More than 100 readings'],
  [415, 'application/xml', '<r/>', 'application/json, application/x-ndjson'],
])('%d for %s: %s', async (status, type, body, detail) => {
  const api = await openApi({ rowsMax: 100, bytesMax: 4_096 })
  const response = await post('/api/v1/readings', { type: type, payload: body, api: api })
  await api.close()
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toContain('application/problem+json')
  expect(response.json()).toMatchObject({ status, detail: expect.stringContaining(detail) })
  expect(await counts()).toEqual(before)
})

test('requests beyond the concurrency limit get 429', async () => {
  const api = await openApi({ requestsMax: 2 })
  const send = () =>
    post('/api/v1/readings', { type: ndjson, payload: JSON.stringify(row), api: api })
  const codes = (await Promise.all([send(), send(), send()])).map(({ statusCode }) => statusCode)
  expect(codes.sort()).toEqual([202, 202, 429])
  expect((await send()).statusCode).toBe(202)
  await api.close()
})

test('a caller refused by a hook takes no slot and gets the answer of the hook', async () => {
  const refusing = Fastify()
  refusing.setErrorHandler((error, _, reply) => reply.code(401).send({ said: String(error) }))
  refusing.addHook('preParsing', async () => {
    throw new Error('no token')
  })
  const registry = createMeterRegistry(views)
  const limits = { requestsMax: 1 }
  registerReadingsRoutes(refusing, { log, views, clock, registry, partitions: 2, limits })
  for (const url of ['/api/v1/readings', '/api/v1/readings', '/api/v1/meters']) {
    const response = await post(url, { type: 'application/json', payload: '[]', api: refusing })
    expect([response.statusCode, response.json()]).toEqual([401, { said: 'Error: no token' }])
  }
  await refusing.close()
})

test('a client that disconnects in mid-body frees its slot', async () => {
  const api = await openApi({ requestsMax: 1 })
  const { hostname, port } = new URL(await api.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(port), hostname)
  // The first request takes the slot, so the second one is sent after the first has arrived.
  const isSeen = once(api.server, 'request')
  socket.write(
    `POST /api/v1/readings HTTP/1.1\r\nHost: x\r\nContent-Type: ${ndjson}\r\n` +
      'Content-Length: 1000\r\n\r\n{',
  )
  await isSeen
  const statusOfSend = async () => {
    const sent = await post('/api/v1/readings', {
      type: ndjson,
      payload: JSON.stringify(row),
      api: api,
    })
    return sent.statusCode
  }
  expect(await statusOfSend()).toBe(429)
  socket.destroy()
  await expect.poll(statusOfSend).toBe(202)
  await api.close()
})

test.each([
  '?layout=tall',
  '?layout=wide',
  '?zone=Mars',
  '?colour=red',
  '?layout=wide&step=1800&unit=cal',
])('a query that does not fit: %s', async (query) => {
  expect(
    (await post(`/api/v1/readings${query}`, { type: 'text/csv', payload: 't,A\n' })).statusCode,
  ).toBe(400)
})

test('an answer lists the first rejections and counts all', async () => {
  const response = await post('/api/v1/readings', { type: ndjson, payload: '17\n'.repeat(250) })
  const answer = response.json<ReadingsAnswer>()
  expect([answer.rejectedCount, answer.rejected.length]).toEqual([250, 100])
  expect((await counts()).rejected).toBe(before.rejected + 250)
})

test('enrolment is idempotent; an invalid meter is refused with a message', async () => {
  const meter = { meter: 'A', zone: 'Europe/London', group: 'G', intervalS: 1800 }
  const again = await post('/api/v1/meters', {
    type: 'application/json',
    payload: JSON.stringify([meter]),
  })
  expect(again.json()).toEqual({ enrolled: 0, unchanged: 1 })
  for (const wrong of [
    { ...meter, zone: 'Mars' },
    { ...meter, meter: 'a b' },
    { ...meter, intervalS: 0 },
    { ...meter, account: '0x12' },
    { ...meter, colour: 'red' },
  ]) {
    const response = await post('/api/v1/meters', {
      type: 'application/json',
      payload: JSON.stringify([wrong]),
    })
    expect(response.statusCode).toBe(400)
  }
  const nobody = JSON.stringify([{ ...meter, account: `0x${'0'.repeat(40)}` }])
  const unpaid = await post('/api/v1/meters', { type: 'application/json', payload: nobody })
  expect([unpaid.statusCode, unpaid.json().type]).toEqual([
    400,
    'urn:wattproof:problem:zero-account',
  ])
  const account = `0x${'Ab'.repeat(20)}`
  const body = JSON.stringify([{ ...meter, account }])
  expect(
    (await post('/api/v1/meters', { type: 'application/json', payload: body })).json().enrolled,
  ).toBe(1)
  const [stored] = await views.query('meters')
  expect(stored!.account).toBe(account.toLowerCase())
})

test('a meter enrolled elsewhere is known after a refresh', async () => {
  const late = {
    meter: 'late',
    version: now,
    zone: 'UTC',
    group_id: 'G',
    interval_s: 1800,
    account: '',
  }
  await views.insert('meters', [late])
  const api = await openApi()
  const body = JSON.stringify({ ...row, meter: 'late' })
  const response = await post('/api/v1/readings', { type: ndjson, payload: body, api: api })
  await api.close()
  expect(response.json<ReadingsAnswer>().queued).toBe(1)
})

/** The meters and energies of the readings appended since the test began. */
async function appended(): Promise<string[]> {
  const readings = []
  for (const { partition, end } of await log.progress('speed', readingsTopic)) {
    const offset = ends[partition]!
    if (end === offset) continue
    const at = { topic: readingsTopic, partition, offset }
    for (const { value } of await log.read(at, 1_000)) readings.push(...decodeFrame(value))
  }
  return readings.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`).sort()
}

describe('a key hides nothing that is not in the log', () => {
  const enrol = (meter: string) => {
    const body = { meter, zone: 'Europe/London', group: 'G', intervalS: 1800 }
    return post('/api/v1/meters', { type: 'application/json', payload: JSON.stringify([body]) })
  }

  test('a meter enrolled after its first reading was refused', async () => {
    // All in the partition of A, whose key is already known.
    const partition = partitionOf('A' as MeterId, 2)
    const fresh = ['new-1', 'new-2', 'new-3', 'new-4', 'new-5', 'new-6'].find(
      (meter) => partitionOf(meter as MeterId, 2) === partition,
    )!
    const body = ['A', fresh].map((meter) => JSON.stringify({ ...row, meter })).join('\n')
    const send = (api?: FastifyInstance) =>
      post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-a', api: api })
    const first = (await send()).json<ReadingsAnswer>()
    expect(first).toMatchObject({ queued: 1, rejectedCount: 1 })
    expect(await appended()).toEqual(['A 100'])

    await enrol(fresh)
    const second = (await send()).json<ReadingsAnswer>()
    expect(second).toMatchObject({ queued: 2, rejectedCount: 0 })
    // A is there again: the layers absorb it as a duplicate.
    expect(await appended()).toEqual(['A 100', 'A 100', `${fresh} 100`])
    expect(second.position).toEqual({ [partition]: first.position[partition]! + 1 })

    // Both outcomes are read back from the log.
    const other = await openApi()
    for (const api of [app, other]) {
      expect((await send(api)).json()).toEqual(second)
      expect(await appended()).toHaveLength(3)
    }
    await other.close()
  })

  test('a wrong unit, then the right one', async () => {
    const send = (unit: string) => {
      const url = `/api/v1/readings?layout=wide&step=1800&unit=${unit}`
      return post(url, { type: 'text/csv', payload: 't,A\n2013-02-11 16:00,0.2', key: 'key-b' })
    }
    for (const unit of ['wh', 'kwh', 'wh', 'kwh']) {
      expect((await send(unit)).json<ReadingsAnswer>().queued).toBe(1)
    }
    // 0.2 Wh are 200 mWh, 0.2 kWh are 200,000; each once.
    expect(await appended()).toEqual(['A 200', 'A 200000'])
  })

  test('a reading that was in the future and no longer is', async () => {
    let ms = now
    const moved: Clock = { nowMs: () => ms, sleep: async () => {} }
    const api = await openApi({}, moved)
    const early = { ...row, start: '2013-02-12T00:00Z' }
    const body = [row, early].map((each) => JSON.stringify(each)).join('\n')
    const send = () =>
      post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-c', api: api })
    expect((await send()).json()).toMatchObject({ queued: 1, rejectedCount: 1 })
    // Sent again a second later it is the same dead letter, although its time differs.
    ms += 1_000
    expect((await send()).json()).toMatchObject({ queued: 1, rejectedCount: 1 })
    expect(await counts()).toEqual({
      readings: before.readings + 1,
      rejected: before.rejected + 1,
    })
    ms += 1_800_000
    expect((await send()).json()).toMatchObject({ queued: 2, rejectedCount: 0 })
    expect(await appended()).toEqual(['A 100', 'A 100', 'A 100'])
    await api.close()
  })

  test('more dead letters than remembered keys are not written again on a retry', async () => {
    const api = await openApi({ keysMax: 3 })
    const send = () =>
      post('/api/v1/readings', { type: ndjson, payload: '17\n'.repeat(5), key: 'key-d', api: api })
    await send()
    const after = await counts()
    await send()
    await api.close()
    expect(await counts()).toEqual(after)
  })
})

test('a dead letter is resolved when its meter is enrolled, and only once', async () => {
  const body = [
    { ...row, meter: 'soon' },
    { ...row, duration_s: 0 },
    { ...row, meter: 'never' },
  ]
  await post('/api/v1/readings', { type: 'application/json', payload: JSON.stringify(body) })
  const at = { topic: rejectedTopic, partition: 0, offset: before.rejected }
  const deadLetters = (await log.read(at, 3)).map(({ position, value }) => {
    return { ...decodeDeadLetter(value), offset: position.offset }
  })
  const registry = createMeterRegistry(views)
  const retryDeadLetters = createDeadLetterRetry({ log, views, clock, registry, partitions: 2 })
  await views.insert(
    'rejected',
    deadLetters.map((deadLetter) => rejectedRow({ ...at, offset: deadLetter.offset }, deadLetter)),
  )
  const waiting = async () => {
    const page = { reason: '', from_offset: at.offset, limit: 10 }
    const rows = await views.query('rejected', page)
    return rows.map(({ reason }) => reason)
  }
  const retry = (isDryRun: boolean) => retryDeadLetters(deadLetters, { isDryRun })
  const still = ['bad-duration', 'unknown-meter']
  expect(await retry(true)).toEqual({ queued: 0, stillRejected: ['unknown-meter', ...still] })

  const meter = {
    meter: 'soon' as MeterId,
    zone: 'UTC',
    group: 'G',
    intervalS: 1800,
    account: null,
  }
  registry.add([meter])
  expect(await retry(true)).toEqual({ queued: 1, stillRejected: still })
  expect((await counts()).readings).toBe(before.readings)
  expect(await waiting()).toEqual(['unknown-meter', ...still])
  // A client cannot collide with the key of a retry, whatever key it chooses.
  const [deadLetter] = deadLetters
  const both = ['A', 'B'].map((each) => JSON.stringify({ ...row, meter: each })).join('\n')
  await post('/api/v1/readings', {
    type: ndjson,
    payload: both,
    key: `retry-${deadLetter!.offset}`,
  })
  before = await counts()
  await Promise.all([retry(false), retry(false)])
  expect(await retry(false)).toEqual({ queued: 1, stillRejected: still })
  const again = createDeadLetterRetry({ log, views, clock, registry, partitions: 2 })
  expect(await again(deadLetters, { isDryRun: false })).toEqual({ queued: 1, stillRejected: still })
  const after = await counts()
  expect(after).toEqual({ readings: before.readings + 1, rejected: before.rejected })
  expect(await waiting()).toEqual(still)
  expect(await views.query('rejected_counts')).toEqual([
    { reason: 'bad-duration', rejected: 1 },
    { reason: 'unknown-meter', rejected: 1 },
  ])
})

async function openApi(limits = {}, time = clock): Promise<FastifyInstance> {
  const api = Fastify()
  const registry = createMeterRegistry(views)
  registerReadingsRoutes(api, { log, views, clock: time, registry, partitions: 2, limits })
  await api.ready()
  return api
}

type Sent = {
  readonly type: string
  readonly payload: string | Buffer
  readonly key?: string
  readonly api?: FastifyInstance | undefined
}

function post(url: string, { type, payload, key, api = app }: Sent) {
  const headers = { 'content-type': type, ...(key ? { 'idempotency-key': key } : {}) }
  return api.inject({ method: 'POST', url, headers, payload })
}

async function counts() {
  const ends = async (topic: string) =>
    (await log.progress('speed', topic)).reduce((sum, { end }) => sum + end, 0)
  return { readings: await ends(readingsTopic), rejected: await ends(rejectedTopic) }
}
