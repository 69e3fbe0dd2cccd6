import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { standing } from '../../schemas/reading/reading.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import type { ComparisonAnswer } from '../../speed/api/describeRoutes.ts'
import { isRestatedTooMuch } from '../../speed/api/restatedTooMuch.ts'
import { openWithdrawals } from '../../speed/api/withdrawals.ts'
import { clock, ndjson, openReadingsApi } from '../../speed/testing/readingsApi.ts'
import { holdPort } from '../sockets/holdPort.ts'
import { listenOn } from '../sockets/listenOn.ts'

/** What a body would change of what stands in the archive, and when somebody has to say so. */
let api: Awaited<ReturnType<typeof openReadingsApi>>
beforeAll(async () => {
  api = await openReadingsApi()
})
afterAll(() => api?.close())

const stepMs = 1_800_000
const firstMs = Date.UTC(2013, 0, 1)

type Fields = { readonly energy_wh?: number; readonly standing?: string; readonly void?: boolean }

function bodyOf(meter: string, count: number, fieldsOf: (slot: number) => Fields): string {
  const lines = Array.from({ length: count }, (_, slot) => {
    const start = new Date(firstMs + slot * stepMs).toISOString()
    return JSON.stringify({ meter, start, duration_s: 1800, ...fieldsOf(slot) })
  })
  return `${lines.join('\n')}\n`
}

async function archived(payload: string, query = ''): Promise<void> {
  const sent = await api.post(`/api/v1/readings${query}`, { type: ndjson, payload })
  expect(sent.json()).toMatchObject({ rejectedCount: 0 })
  await drain()
}

async function drain(): Promise<void> {
  const archive = await openArchive({ ...api, clock })
  while ((await archiveStep({ ...api, clock }, archive)) > 0);
}

async function compare(payload: string, query = ''): Promise<ComparisonAnswer> {
  const before = await api.counts()
  const answer = await api.post(`/api/v1/readings/comparison${query}`, { type: ndjson, payload })
  expect(await api.counts()).toEqual(before)
  return answer.json()
}

test('closed are intervals with a stated or held value; what would not count is none', async () => {
  const standings = ['fill', 'stated', 'held', 'stated']
  await archived(bodyOf('A', 4, (slot) => ({ energy_wh: 1, standing: standings[slot] as string })))
  await archived(bodyOf('B', 1, () => ({ void: true })))
  expect(Object.keys(standing)).toEqual(['fill', 'stated', 'held'])
  // The estimate is filled, a stated one changed, the held one stays, the fourth is the same.
  const said = bodyOf('A', 4, (slot) => ({ energy_wh: slot < 3 ? 3 : 1 }))
  expect(await compare(said + bodyOf('B', 1, () => ({ energy_wh: 9 })))).toEqual({
    closed: 3,
    restated: 1,
    meters: [{ meter: 'A', closed: 3, restated: 1, countedMwh: 3_000, newMwh: 5_000 }],
  })
  // A word that takes the value back changes it too; the name of a source decides between two.
  const taken = bodyOf('A', 2, () => ({ void: true }))
  expect(await compare(taken, '?source=dso')).toMatchObject({ closed: 1, restated: 1 })
  // Said twice, the last word is compared.
  const twice = bodyOf('A', 2, () => ({ energy_wh: 7 })) + bodyOf('A', 2, () => ({ energy_wh: 1 }))
  expect(await compare(twice)).toMatchObject({ closed: 1, restated: 0 })
})

test.each([
  [501, 10_019, true],
  [501, 10_020, false],
  [500, 500, false],
])('%i of %i: %s', (restated, closed, isTooMuch) => {
  // 5 % of 10,020 is 501, which is not more than it.
  expect(isRestatedTooMuch({ restated, closed })).toBe(isTooMuch)
})

test('a file that restates too much waits for restate=allow; nothing of it is stored', async () => {
  const csv = (energyWh: number, count = 501) =>
    Array.from({ length: count }, (_, slot) => {
      return `C,${new Date(firstMs + slot * stepMs).toISOString()},1800,${energyWh}\n`
    }).reduce((text, line) => text + line, 'meter,start,duration_s,energy_wh\n')
  const send = (payload: string, query = '') =>
    api.post(`/api/v1/readings${query}`, { type: 'text/csv', payload })
  await send(csv(1))
  await drain()
  const before = await api.counts()
  const refused = await send(csv(1_000))
  expect(refused.statusCode).toBe(409)
  expect(refused.json()).toMatchObject({
    ...{ type: 'urn:wattproof:problem:conflict', closed: 501, restated: 501 },
    meters: [{ meter: 'C', countedMwh: 501_000, newMwh: 501_000_000 }],
    detail:
      'It would change 501 of the 501 closed intervals that it covers, so nothing was stored. If ' +
      'that is meant, send it again with restate=allow.',
  })
  expect(await api.counts()).toEqual(before)
  // The same again changes nothing, and 500 are few.
  expect((await send(csv(1))).statusCode).toBe(202)
  expect((await send(csv(1_000, 500))).statusCode).toBe(202)
  expect((await send(csv(1_000), '?restate=allow')).statusCode).toBe(202)
  const programs = { type: ndjson, payload: bodyOf('C', 501, () => ({ energy_wh: 5 })) }
  expect((await api.post('/api/v1/readings?restate=refuse', programs)).statusCode).toBe(409)
  expect((await api.post('/api/v1/readings', programs)).statusCode).toBe(202)
  expect((await api.post('/api/v1/readings?restate=yes', programs)).statusCode).toBe(400)
})

test('readings of an ingest that was taken back are refused', async () => {
  await archived(
    bodyOf('D', 1, () => ({ energy_wh: 1 })),
    '?ingest=f1',
  )
  const json = { type: 'application/json', payload: '{}' }
  const first = await api.post('/api/v1/ingests/f1/withdrawal', json)
  expect(first.json()).toMatchObject({ ingest: 'f1', words: 1, wasWithdrawn: false })
  const before = await api.counts()
  const said = { type: ndjson, payload: bodyOf('D', 1, () => ({ energy_wh: 2 })) }
  const answer = await api.post('/api/v1/readings?ingest=f1', said)
  expect(answer.statusCode).toBe(409)
  expect(answer.json()).toMatchObject({ type: 'urn:wattproof:problem:conflict', ingest: 'f1' })
  expect(await api.counts()).toEqual(before)
  expect((await api.post('/api/v1/readings?ingest=f2', said)).statusCode).toBe(202)
  // Another process knows it from the archive.
  await drain()
  const other = await api.openApi()
  expect((await api.post('/api/v1/readings?ingest=f1', { ...said, api: other })).statusCode).toBe(
    409,
  )
  await other.close()
  const again = await api.post('/api/v1/ingests/f1/withdrawal', json)
  expect(again.json()).toMatchObject({ ingest: 'f1', words: 1, wasWithdrawn: true })
})

test('a retry of what was acknowledged is answered as it was', async () => {
  const payload = bodyOf('B', 2, () => ({ energy_wh: 3 }))
  const send = (key: string) =>
    api.post('/api/v1/readings?ingest=f3', { type: ndjson, payload, key })
  const first = await send('r1')
  await drain()
  const json = { type: 'application/json', payload: '{}' }
  expect((await api.post('/api/v1/ingests/f3/withdrawal', json)).statusCode).toBe(202)
  const before = await api.counts()
  const again = await send('r1')
  expect(again.statusCode).toBe(202)
  expect(again.json()).toEqual({ ...first.json(), queued: 0, repeated: 2 })
  expect((await send('r2')).statusCode).toBe(409)
  expect(await api.counts()).toEqual(before)
})

test('a withdrawal that was cut between partitions is seen, and completed once', async () => {
  const meters = ['A', 'B', 'C', 'D'].map((meter) => bodyOf(meter, 1, () => ({ energy_wh: 4 })))
  await archived(meters.join(''), '?ingest=cut')
  const { log, views } = api
  const toFirst = {
    append: (topic: string, partition: number, records: Parameters<typeof log.append>[2]) => {
      if (partition > 0) throw new Error('killed')
      return log.append(topic, partition, records)
    },
  }
  const cut = openWithdrawals({ log: toFirst, views, partitions: 2 })
  await expect(cut.withdraw('cut')).rejects.toThrow('killed')
  await drain()
  const stateOf = async () => {
    const { ingests } = (await api.app.inject('/api/v1/ingests')).json() as {
      ingests: { ingest: string; isWithdrawn: boolean; left: number }[]
    }
    return ingests.find(({ ingest }) => ingest === 'cut')
  }
  const left = (await stateOf())?.left
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(4)
  // The next start of the API completes it, on a port that it is given as by `up`.
  const held = await holdPort({ host: '127.0.0.1', port: 0 })
  const started = await api.openApi()
  await listenOn(started.server, held)
  const isWhole = async () => {
    await drain()
    return (await stateOf())?.left === 0
  }
  await expect.poll(isWhole, { timeout: 20_000, interval: 200 }).toBe(true)
  await started.close()
  held.close()
  expect(await stateOf()).toMatchObject({ isWithdrawn: true, left: 0 })
  const ends = await log.progress('speed', readingsTopic)
  const again = openWithdrawals({ log, views, partitions: 2 })
  expect(await again.finish()).toEqual([])
  expect(await log.progress('speed', readingsTopic)).toEqual(ends)
})

test.each([
  ['2013-01-01T00:00Z', 200],
  ['2013-01-01T00:00:00.000+01:00', 200],
  ['2013-02-30T00:00Z', 400],
  ['2013-01-01', 400],
])('an instant is taken as people type it: %s', async (start, status) => {
  const url = `/api/v1/words?meter=A&start=${encodeURIComponent(start)}`
  expect((await api.app.inject(url)).statusCode).toBe(status)
})
