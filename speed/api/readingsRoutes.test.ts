import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { decodeFrame, encodeFrame } from '../../schemas/reading/frame.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { parseBody } from '../ingest/body/parseBody.ts'
import { storedReadAs } from '../ingest/body/readAs.ts'
import { rowsOfDeadLetter } from '../ingest/body/rowsOfDeadLetter.ts'
import { clock, ndjson, now, openReadingsApi, row } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'
import { registerReadingsRoutes } from './readingsRoutes.ts'
import { createMeterRegistry } from './registry.ts'

const { close, counts, log, openApi, post, views } = await openReadingsApi()
afterAll(close)

let before: { readings: number; rejected: number }
beforeEach(async () => {
  before = await counts()
})

test('acknowledged readings are in the log, and rejected ones in the dead letters', async () => {
  const lines = [row, { ...row, meter: 'X' }, { ...row, meter: 'B' }, { ...row, colour: 'red' }]
  const body = lines.map((line) => JSON.stringify(line)).join('\n')
  const response = await post('/api/v1/readings', { type: ndjson, payload: body })

  expect(response.statusCode).toBe(202)
  const answer = response.json<ReadingsAnswer>()
  expect(answer).toMatchObject({ read: 4, queued: 2, gaps: 0, rejectedCount: 2 })
  expect(answer.rejected).toEqual([
    {
      ...{ index: 1, line: 2, column: 'meter', value: 'X', reason: 'unknown-meter' },
      detail: expect.stringMatching(/^X is not enrolled\. /),
    },
    {
      ...{ index: 3, line: 4, column: 'colour', value: 'red', reason: 'unknown-field' },
      detail: expect.stringMatching(/^A reading has no field "colour"\. /),
    },
  ])
  const readings = []
  for (const [partition, offset] of Object.entries(answer.position)) {
    const at = { topic: readingsTopic, partition: Number(partition), offset }
    for (const { value } of await log.read(at, 1)) readings.push(...decodeFrame(value).readings)
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
  expect([...rowsOfDeadLetter(deadLetters[0]!)]).toMatchObject([{ content: { meter: 'X' } }])
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

const noon = '2012-07-11 12:00'
const tidy = 'meter,start,duration_s,energy_wh'

test.each([
  ['text/csv', '', `${tidy}\nA,${noon},1800,1\nB,${noon},1800,1\n`],
  ['text/csv', '?layout=wide&unit=kWh&step=1800', `t,A,B\n${noon},1,2\n`],
  [
    'application/json',
    '',
    JSON.stringify(['A', 'B'].map((meter) => ({ ...row, meter, start: noon }))),
  ],
])('%s%s without an offset is read in the zone of its meters', async (type, query, payload) => {
  // An API in another process, which does not know the meters yet.
  const api = await openApi()
  const answer = (await post(`/api/v1/readings${query}`, { type, payload, api })).json()
  await api.close()
  expect(answer).toMatchObject({ queued: 2 })
  expect(answer.understood).toContainEqual({
    ...{ field: 'zone', value: 'Europe/London' },
    why: 'no zone is set, and A is enrolled in it',
  })
  const found = []
  for (const [partition, offset] of Object.entries(answer.position as Record<string, number>)) {
    const [record] = await log.read(
      { topic: readingsTopic, partition: Number(partition), offset },
      1,
    )
    found.push(...decodeFrame(record!.value).readings)
  }
  expect(found.map(({ startMs }) => new Date(startMs).toISOString())).toEqual(
    found.map(() => '2012-07-11T11:00:00.000Z'),
  )
})

test('meters of two zones are refused, unless the request says one', async () => {
  const paris = [{ meter: 'paris', zone: 'Europe/Paris', group: 'G', intervalS: 1800 }]
  const enrolled = { type: 'application/json', payload: JSON.stringify(paris) }
  expect((await post('/api/v1/meters', enrolled)).statusCode).toBe(200)
  const payload = `${tidy}\nA,${noon},1800,1\nparis,${noon},1800,1\n`
  const refused = await post('/api/v1/readings', { type: 'text/csv', payload })
  expect(refused.statusCode).toBe(400)
  const zones = { 'Europe/London': 'A', 'Europe/Paris': 'paris' }
  expect(refused.json()).toMatchObject({ type: 'urn:wattproof:problem:unreadable', zones })
  expect(refused.json().detail).toContain('set zone, give the stamps an offset')
  expect(await counts()).toEqual(before)
  const said = await post('/api/v1/readings?zone=UTC', { type: 'text/csv', payload })
  expect(said.json()).toMatchObject({ queued: 2 })
})

test('source and ingest of the query are on each reading, and on what a retry takes', async () => {
  const lines = [row, { ...row, meter: 'later' }].map((line) => JSON.stringify(line))
  const query = '?source=edge-7&ingest=0b1f&file=a.ndjson'
  const place = { line: 17, column: 'A', value: '0,1' }
  const placed = JSON.stringify({ ...row, meter: 'placed', place })
  const payload = [...lines, placed].join('\n')
  const response = await post(`/api/v1/readings${query}`, { type: ndjson, payload })
  const answer = response.json<ReadingsAnswer>()
  expect(answer.rejected).toMatchObject([{ line: 2, column: 'meter', value: 'later' }, place])
  const [[partition, offset] = []] = Object.entries(answer.position)
  const at = { topic: readingsTopic, partition: Number(partition), offset: offset! }
  const [record] = await log.read(at, 1)
  const { readings } = decodeFrame(record!.value)
  expect(readings).toMatchObject([{ source: 'edge-7', ingest: '0b1f' }])
  const rejected = { topic: rejectedTopic, partition: 0, offset: answer.rejectedPosition! - 1 }
  const deadLetters = (await log.read(rejected, 2)).map(({ value }) => decodeDeadLetter(value))
  expect(deadLetters).toMatchObject([
    { source: 'a.ndjson', line: 2 },
    { source: 'a.ndjson', ...place },
  ])
  const original = Buffer.from(deadLetters[1]!.originalBase64, 'base64').toString()
  expect(original).toBe(JSON.stringify({ ...row, meter: 'placed' }))
  expect(storedReadAs(deadLetters[0]!)).toMatchObject({ source: 'edge-7', ingest: '0b1f' })
  for (const bad of ['?source=', '?ingest=a%20b', '?source=a&source=b']) {
    const refused = await post(`/api/v1/readings${bad}`, { type: ndjson, payload: lines[0]! })
    expect(refused.statusCode).toBe(400)
  }
})

test('cells that could not be read become dead letters, once under one key', async () => {
  const cell = {
    ...{ line: 5, column: 'B', value: 'x', reason: 'not-a-number', detail: 'It is none.' },
    ...{ readAs: '{"kind":"row"}', originalBase64: Buffer.from('a;x').toString('base64') },
  }
  const send = (cells: unknown, key = '') => {
    const payload = JSON.stringify(cells)
    return post('/api/v1/rejected?file=b.csv', { type: 'application/json', payload, key })
  }
  const first = await send([cell, { ...cell, line: 6 }], 'k1')
  expect(first.statusCode).toBe(202)
  expect(first.json()).toMatchObject({ rejectedCount: 2 })
  expect((await send([cell, { ...cell, line: 6 }], 'k1')).json()).toEqual(first.json())
  expect((await counts()).rejected).toBe(before.rejected + 2)
  const at = { topic: rejectedTopic, partition: 0, offset: before.rejected }
  const [record] = await log.read(at, 1)
  const { receivedMs, ...deadLetter } = decodeDeadLetter(record!.value)
  expect(receivedMs).toBe(now)
  expect(deadLetter).toEqual({ ...cell, source: 'b.csv', index: 0 })
  for (const bad of [[{ ...cell, reason: 'bad luck' }], { cell }, [{ ...cell, line: -1 }]]) {
    expect((await send(bad)).statusCode).toBe(400)
  }
})

test('a frame', async () => {
  const options = {
    nowMs: now,
    source: '',
    format: { kind: 'ndjson', zone: 'UTC' },
  } as const
  const { rows } = parseBody(new TextEncoder().encode(JSON.stringify(row)), options)
  const frame = Buffer.from(encodeFrame(rows.map(({ reading }) => reading)))
  const response = await post('/api/v1/readings', {
    type: 'application/vnd.wattproof.frame',
    payload: frame,
  })
  expect(response.json<ReadingsAnswer>()).toMatchObject({ read: 1, queued: 1 })
})

test.each([
  [400, 'application/json', '{"meter":"A"}', 'must be a JSON array of readings'],
  [400, 'text/csv', 'meter,start\n', 'duration_s'],
  [400, 'application/vnd.wattproof.frame', 'WPF9xxxxxxxx', 'is not a field of a frame'],
  [413, ndjson, 'x'.repeat(5_000), 'larger than this route takes'],
  [413, ndjson, '1\n'.repeat(101), 'More than 100 readings'],
  [413, ndjson, '{}\n'.repeat(1_300), 'More than 100 readings'],
  [413, 'application/json', `[${'{},'.repeat(1_300)}{}]`, 'More than 100 readings'],
  [413, 'text/csv', `meter,start,duration_s,energy_wh\n${'A,B,1,\n'.repeat(500)}`, 'More than 100'],
  [415, 'text/html', '<r/>', 'application/json, application/x-ndjson'],
])('%d for %s: %s', async (status, type, body, detail) => {
  const api = await openApi({ rowsMax: 100, bytesMax: 4_096 })
  const response = await post('/api/v1/readings', { type: type, payload: body, api: api })
  await api.close()
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toContain('application/problem+json')
  expect(response.json()).toMatchObject({ status, detail: expect.stringContaining(detail) })
  expect(await counts()).toEqual(before)
})

test('a body that is packed is refused by its encoding, whatever is in it', async () => {
  const api = await openApi({})
  const body = JSON.stringify(row)
  const send = (encoding: string, payload: string | Buffer) =>
    api.inject({
      ...{ method: 'POST', url: '/api/v1/readings', payload },
      headers: { 'content-type': ndjson, 'content-encoding': encoding },
    })
  for (const payload of [gzipSync(body), body]) {
    const response = await send('gzip', payload)
    expect(response.statusCode).toBe(415)
    expect(response.json()).toMatchObject({
      type: 'urn:wattproof:problem:media-type',
      detail: 'Bodies are taken as they are: unpack this one, without `content-encoding` gzip.',
    })
  }
  expect((await send('Identity', body)).statusCode).toBe(202)
  await api.close()
})

test('requests beyond the memory for bodies get 429', async () => {
  const api = await openApi(roomFor(2))
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
  const limits = roomFor(1)
  registerReadingsRoutes(refusing, { log, views, clock, registry, partitions: 2, limits })
  for (const url of ['/api/v1/readings', '/api/v1/readings', '/api/v1/meters']) {
    const response = await post(url, { type: 'application/json', payload: '[]', api: refusing })
    expect([response.statusCode, response.json()]).toEqual([401, { said: 'Error: no token' }])
  }
  await refusing.close()
})

test('a client that disconnects in mid-body frees its slot', async () => {
  const api = await openApi(roomFor(1))
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
  '?layout=wide&unit=kwh&step=900',
  '?columns.stamp=t',
])('a query that does not fit: %s', async (query) => {
  expect(
    (await post(`/api/v1/readings${query}`, { type: 'text/csv', payload: halves })).statusCode,
  ).toBe(400)
})

const halves = 't,A\n2013-02-11T16:30Z,1\n2013-02-11T17:00Z,1\n'

test('an answer lists the first rejections and counts all', async () => {
  const response = await post('/api/v1/readings', { type: ndjson, payload: '17\n'.repeat(250) })
  const answer = response.json<ReadingsAnswer>()
  expect([answer.rejectedCount, answer.rejected.length]).toEqual([250, 100])
  expect(answer.rejectedByReason).toEqual({ unparsable: 250 })
  expect((await counts()).rejected).toBe(before.rejected + 250)
})

/** Limits with room for so many small bodies of one sender, who gets half. */
function roomFor(bodies: number) {
  return { requestBytes: 4_096, smallBytesMax: 2 * bodies * 4_096 }
}
