import type { FastifyInstance } from 'fastify'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { ndjson, now, openReadingsApi, row } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'

/** A request is sent again: nothing is appended twice, and nothing is lost. */
const { app, close, counts, log, openApi, post } = await openReadingsApi()
afterAll(close)

let before: { readings: number; rejected: number }
/** The end offsets of the partitions of `readings.v1`. */
let ends: number[]
beforeEach(async () => {
  before = await counts()
  ends = (await log.progress('speed', readingsTopic)).map(({ end }) => end)
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
    expect(again.json()).toEqual({ ...first.json(), queued: 0, repeated: 2 })
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
  expect(second!.json()).toEqual({ ...first!.json(), queued: 0, repeated: 1 })
  expect((await counts()).readings).toBe(before.readings + 1)
})

test('a retry is recognised after 20,000 other requests, also after a restart', async () => {
  const body = JSON.stringify(row)
  const send = (api?: FastifyInstance) =>
    post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-old', api })
  const first = (await send()).json<ReadingsAnswer>()
  const partition = Number(Object.keys(first.position)[0])
  // What other clients append meanwhile, one record a request as the route does it.
  const [{ value } = { value: new Uint8Array() }] = await log.read(
    { topic: readingsTopic, partition, offset: first.position[partition]! },
    1,
  )
  const others = Array.from({ length: 20_000 }, (_, index) => {
    return { key: new TextEncoder().encode(`other-${index} 0`), value }
  })
  await log.append(readingsTopic, partition, others)
  const after = await counts()
  const other = await openApi()
  expect((await send(other)).json()).toEqual({ ...first, queued: 0, repeated: 1 })
  await other.close()
  expect(await counts()).toEqual(after)
})

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
      expect((await send(api)).json()).toEqual({ ...second, queued: 0, repeated: 2 })
      expect(await appended()).toHaveLength(3)
    }
    await other.close()
  })

  test('a wrong unit, then the right one', async () => {
    const send = (unit: string) => {
      const url = `/api/v1/readings?layout=wide&step=1800&unit=${unit}`
      return post(url, { type: 'text/csv', payload: 't,A\n2013-02-11 16:00,0.2', key: 'key-b' })
    }
    const queued = [1, 1, 0, 0]
    for (const [at, unit] of ['wh', 'kwh', 'wh', 'kwh'].entries()) {
      const sent = { queued: queued[at], repeated: 1 - queued[at]!, rejectedCount: 0 }
      expect((await send(unit)).json<ReadingsAnswer>()).toMatchObject(sent)
    }
    // 0.2 Wh are 200 mWh, 0.2 kWh are 200,000; each once.
    expect(await appended()).toEqual(['A 200', 'A 200000'])
  })

  test('a reading that was in the future and no longer is', async () => {
    let ms = now
    const moved: Clock = {
      nowMs: () => ms,
      elapsedMs: () => performance.now(),
      sleep: async () => {},
    }
    const api = await openApi({}, moved)
    const early = { ...row, start: '2013-02-12T00:00Z' }
    const body = [row, early].map((each) => JSON.stringify(each)).join('\n')
    const send = () =>
      post('/api/v1/readings', { type: ndjson, payload: body, key: 'key-c', api: api })
    expect((await send()).json()).toMatchObject({ queued: 1, rejectedCount: 1 })
    // Sent again a second later it is the same dead letter, although its time differs.
    ms += 1_000
    expect((await send()).json()).toMatchObject({ queued: 0, repeated: 1, rejectedCount: 1 })
    expect(await counts()).toEqual({
      readings: before.readings + 1,
      rejected: before.rejected + 1,
    })
    ms += 1_800_000
    expect((await send()).json()).toMatchObject({ queued: 2, rejectedCount: 0 })
    expect(await appended()).toEqual(['A 100', 'A 100', 'A 100'])
    await api.close()
  })

  test('what was refused is not refused again for another reason or beside others', async () => {
    let ms = now
    const moved: Clock = {
      nowMs: () => ms,
      elapsedMs: () => performance.now(),
      sleep: async () => {},
    }
    const api = await openApi({}, moved)
    const misaligned = { ...row, start: '2013-02-11T23:52Z' }
    const early = { ...row, start: '2013-02-12T00:00Z' }
    const body = [17, misaligned, early].map((each) => JSON.stringify(each)).join('\n')
    const send = async (again: FastifyInstance) => {
      const sent = { type: ndjson, payload: body, key: 'key-e', api: again }
      return (await post('/api/v1/readings', sent)).json<ReadingsAnswer>()
    }
    const first = await send(api)
    const reasons = (answer: ReadingsAnswer) => answer.rejected.map(({ reason }) => reason)
    expect(reasons(first)).toEqual(['unparsable', 'in-the-future', 'in-the-future'])
    ms += 1_800_000
    const other = await openApi({}, moved)
    for (const each of [api, other]) {
      const again = await send(each)
      expect(reasons(again)).toEqual(['unparsable', 'overlap'])
      expect(again.rejectedPosition).toBeLessThanOrEqual(first.rejectedPosition!)
    }
    await Promise.all([api.close(), other.close()])
    expect(await counts()).toEqual({
      readings: before.readings + 1,
      rejected: before.rejected + 3,
    })
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

/** The meters and energies of the readings appended since the test began. */
async function appended(): Promise<string[]> {
  const readings = []
  for (const { partition, end } of await log.progress('speed', readingsTopic)) {
    const offset = ends[partition]!
    if (end === offset) continue
    const at = { topic: readingsTopic, partition, offset }
    for (const { value } of await log.read(at, 1_000)) readings.push(...decodeFrame(value).readings)
  }
  return readings.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`).sort()
}
