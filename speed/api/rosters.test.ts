import { afterAll, expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { columnsOf, decodeFrame, encodeColumns } from '../../schemas/reading/frame.ts'
import { rosterIdOf } from '../../schemas/reading/roster.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { isoUtc } from '../../schemas/time.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { clock, now, openReadingsApi } from '../testing/readingsApi.ts'

const { app, close, log, views, openApi, post } = await openReadingsApi()
afterAll(close)

const json = 'application/json'
const frameType = 'application/vnd.wattproof.frame'
const meters = ['D', 'A', 'B'] as MeterId[]
const roster = rosterIdOf(meters)
const give = (names: readonly string[], api = app) => {
  return post('/api/v1/rosters', { type: json, payload: JSON.stringify({ meters: names }), api })
}

/** A half-hour of each meter; the first `ago` half-hours before now. */
function frameOf(names: readonly MeterId[], ago: number): Buffer {
  const startMs = now - ago * 1_800_000
  const readings = names.map((meter, at) => aReading({ meter, startMs, energyMwh: 100 + at }))
  return Buffer.from(encodeColumns(columnsOf(readings), rosterIdOf(names)))
}

test('a roster is registered once, and its frames carry no ids; also after a restart', async () => {
  const unknown = await post('/api/v1/readings', { type: frameType, payload: frameOf(meters, 1) })
  expect(unknown.statusCode).toBe(409)
  expect(unknown.json()).toMatchObject({ type: 'urn:wattproof:problem:unknown-roster' })
  expect(unknown.body).toContain(roster)

  expect((await give(meters)).json()).toEqual({ roster, meters: 3, isNew: true })
  expect((await give(meters)).json()).toEqual({ roster, meters: 3, isNew: false })
  const ends = (await log.progress('speed', readingsTopic)).map(({ end }) => end)
  const other = await openApi()
  for (const [at, api] of [app, other].entries()) {
    const sent = await post('/api/v1/readings', {
      ...{ type: frameType, payload: frameOf(meters, 1 + at), api },
    })
    expect(sent.json()).toMatchObject({ read: 3, queued: 3, rejectedCount: 0 })
  }
  await other.close()
  // What is in the log needs no roster.
  const logged = await Promise.all(
    ends.map((offset, partition) => log.read({ topic: readingsTopic, partition, offset }, 10)),
  )
  const words = logged.flat().flatMap(({ value }) => decodeFrame(value).readings)
  const said = words.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`).sort()
  expect(said).toEqual(['A 101', 'A 101', 'B 102', 'B 102', 'D 100', 'D 100'])
})

/** A process of the API of its own, and the lists that it has asked the store for. */
async function openCounted(limits = {}, untilAsked = async () => {}) {
  const asked: string[][] = []
  const query = async (name: string, parameters?: { readonly rosters?: string[] }) => {
    const rows = await (views.query as (...given: unknown[]) => Promise<unknown>)(name, parameters)
    if (name !== 'roster_meters') return rows
    asked.push([...parameters!.rosters!])
    await untilAsked()
    return rows
  }
  const store = { ...views, query } as typeof views
  return { asked, api: await openApi(limits, clock, store) }
}

const send = (names: readonly MeterId[], api: typeof app) => {
  return post('/api/v1/readings', { type: frameType, payload: frameOf(names, 9), api })
}

test('unknown rosters cost a question at a time, and one of another process is found', async () => {
  const [one, two, late] = [
    ['B', 'D'],
    ['C', 'D'],
    ['C', 'B'],
  ] as MeterId[][]
  const after: ReturnType<typeof send>[] = []
  let answered = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { asked, api } = await openCounted({}, () => answered())
  const unknown = await Promise.all(
    Array.from({ length: 40 }, (_, at) => send(at % 2 ? one! : two!, api)),
  )
  expect(unknown.map(({ statusCode }) => statusCode)).toEqual(Array(40).fill(409))
  // Whoever is not with the first is with the second.
  expect(asked.length).toBeLessThanOrEqual(2)
  answered = async () => {
    answered = async () => {}
    // The store has said that it is unknown, and somebody else registers it.
    expect((await give(late!)).json()).toMatchObject({ isNew: true })
    after.push(...Array.from({ length: 20 }, () => send(late!, api)))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  expect((await send(late!, api)).statusCode).toBe(409)
  const found = await Promise.all(after)
  expect(found.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(202))
  expect(asked.slice(-2)).toEqual([[rosterIdOf(late!)], [rosterIdOf(late!)]])
  await api.close()
})

test('the rosters used last are remembered, up to so many meters', async () => {
  const lists = [['A'], ['B', 'C'], ['D', 'B']] as MeterId[][]
  const [one, two, three] = lists.map(rosterIdOf)
  for (const each of lists) await give(each)
  const { asked, api } = await openCounted({ rosterMetersRememberedMax: 4 })
  for (const at of [0, 1, 0, 2, 0, 1]) {
    expect((await send(lists[at]!, api)).statusCode).toBe(202)
  }
  // 1 + 2 meters, and with the third list 5: the second was used longest ago.
  expect(asked.flat()).toEqual([one, two, three, two])
  await api.close()
})

test('a row that is refused keeps its meter, and a comparison finds the roster too', async () => {
  const names = ['A', 'unknown'] as MeterId[]
  await give(names)
  const payload = frameOf(names, 5)
  const fresh = await openApi()
  const compared = await post('/api/v1/readings/comparison', {
    ...{ type: frameType, payload, api: fresh },
  })
  await fresh.close()
  expect(compared.statusCode).toBe(200)
  const sent = (await post('/api/v1/readings', { type: frameType, payload })).json()
  expect(sent).toMatchObject({ queued: 1, rejectedByReason: { 'unknown-meter': 1 } })
})

test('rosters are listed, and one by its meters', async () => {
  const names = ['C'] as MeterId[]
  const { roster: id } = (await give(names)).json()
  const get = (url: string) => app.inject({ method: 'GET', url })
  const { rosters } = (await get('/api/v1/rosters')).json()
  const registered = isoUtc(now)
  expect(rosters).toContainEqual({ roster: id, meters: 1, registered })
  expect((await get(`/api/v1/rosters/${id}`)).json()).toEqual({ roster: id, meters: ['C'] })
  expect((await get('/api/v1/rosters/0000000000000000')).statusCode).toBe(404)
})

test('the registry is bounded, and a list that cannot be one is refused', async () => {
  for (const names of [
    ['A', 'A'],
    [],
    ['a b'],
    Array.from({ length: 20_001 }, (_, at) => `M${at}`),
  ]) {
    expect((await give(names)).statusCode, names.slice(0, 2).join()).toBe(400)
  }
  const { rosters } = (await app.inject({ method: 'GET', url: '/api/v1/rosters' })).json()
  const before = rosters.length as number
  const few = await openApi({ rostersMax: before + 1 })
  const answers = await Promise.all(['X1', 'X2', 'X3'].map((name) => give([name], few)))
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409])
  const small = await openApi({ rosterMetersMax: 1 })
  expect((await give(['Y1'], small)).statusCode).toBe(409)
  // What is registered already still is.
  expect((await give(meters, small)).json()).toMatchObject({ isNew: false })
  await Promise.all([few.close(), small.close()])
})
