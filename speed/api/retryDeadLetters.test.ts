import { afterAll, beforeEach, expect, test } from 'vitest'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { clock, ndjson, openReadingsApi, row } from '../testing/readingsApi.ts'
import { createMeterRegistry } from './registry.ts'
import { createDeadLetterRetry } from './retryDeadLetters.ts'

const { close, counts, log, post, views } = await openReadingsApi()
afterAll(close)

let before: { readings: number; rejected: number }
beforeEach(async () => {
  before = await counts()
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
    deadLetters.map((each) => ({
      ...{ reason: each.reason, log_offset: each.offset, detail: each.detail },
      ...{ source: each.source, source_index: each.index, source_line: each.line },
      ...{ source_column: each.column, source_value: each.value, read_as: each.readAs },
      ...{ received: each.receivedMs, original_base64: each.originalBase64 },
    })),
  )
  const waiting = async () => {
    const page = { reason: '', source: '', from_offset: at.offset, limit: 10 }
    const rows = await views.query('rejected', page)
    return rows.map(({ reason }) => reason)
  }
  const retry = (isDryRun: boolean) => retryDeadLetters(deadLetters, { isDryRun })
  const still = ['bad-duration', 'unknown-meter']
  expect(await retry(true)).toEqual({ queued: 0, stillRejected: ['unknown-meter', ...still] })

  registry.add([aMeter({ meter: 'soon' })])
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

test('a stamp without an offset is placed by the zone that its meter gets later', async () => {
  const payload = 'meter,start,duration_s,energy_wh\nrome,2012-07-11 12:00,1800,1\n'
  const answer = (await post('/api/v1/readings', { type: 'text/csv', payload })).json()
  const at = { topic: rejectedTopic, partition: 0, offset: answer.rejectedPosition }
  const [record] = await log.read(at, 1)
  const deadLetter = { ...decodeDeadLetter(record!.value), offset: answer.rejectedPosition }
  const registry = createMeterRegistry(views)
  const retryDeadLetters = createDeadLetterRetry({ log, views, clock, registry, partitions: 2 })
  registry.add([aMeter({ meter: 'rome', zone: 'Europe/Rome' })])
  before = await counts()
  expect(await retryDeadLetters([deadLetter], { isDryRun: false })).toMatchObject({ queued: 1 })
  const found = []
  for (const partition of [0, 1]) {
    const records = await log.read({ topic: readingsTopic, partition, offset: 0 }, 100)
    found.push(...records.flatMap(({ value }) => decodeFrame(value).readings))
  }
  expect(found.filter(({ meter }) => meter === 'rome')).toMatchObject([
    { startMs: Date.parse('2012-07-11T10:00Z') },
  ])
})

test('a reading of an ingest that was taken back stays refused, by its own reason', async () => {
  const payload = JSON.stringify({ ...row, meter: 'taken-back' })
  const query = '?ingest=gone'
  const answer = (await post(`/api/v1/readings${query}`, { type: ndjson, payload })).json()
  const offset = answer.rejectedPosition
  const [record] = await log.read({ topic: rejectedTopic, partition: 0, offset }, 1)
  const deadLetter = { ...decodeDeadLetter(record!.value), offset }
  const registry = createMeterRegistry(views)
  registry.add([aMeter({ meter: 'taken-back' })])
  const retryDeadLetters = createDeadLetterRetry({ log, views, clock, registry, partitions: 2 })
  const retry = (isDryRun: boolean) => retryDeadLetters([deadLetter], { isDryRun })
  expect(await retry(true)).toEqual({ queued: 1, stillRejected: [] })
  const gone = { kind: 'withdrawal', ingest: 'gone', source: '', from: 0, rank: 0 }
  await views.insert('acts', [{ ...gone, log_partition: 0, log_offset: 0, logged: 0 }])
  const before = await counts()
  // What was taken back elsewhere is known a second later.
  const reasons = async () => (await retry(true)).stillRejected
  await expect.poll(reasons, { timeout: 60_000 }).toEqual(['withdrawn-ingest'])
  expect(await retry(false)).toEqual({ queued: 0, stillRejected: ['withdrawn-ingest'] })
  expect(await counts()).toEqual(before)
})
