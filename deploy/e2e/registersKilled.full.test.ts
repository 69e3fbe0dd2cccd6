import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { countingWords } from '../../speed/testing/countingWords.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { seededRandom, shuffled } from '../simulate/random.ts'
import { type DisturbedApi, startDisturbedApi } from '../testing/startDisturbedApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'

/**
 * Registers under kill -9, and in two processes of the API at once: real processes, store and log.
 * The counting words are those of one process that nobody disturbs.
 */
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-registers-'))
let server: TestClickHouse
let apis: [DisturbedApi, DisturbedApi]
beforeAll(async () => {
  server = await startTestClickHouse()
  apis = [await startDisturbedApi(dir, server.url), await startDisturbedApi(dir, server.url)]
})
afterAll(async () => {
  for (const api of apis ?? []) await api.stop()
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Half-hours from the first of a day, and what the register showed, kWh. */
type Said = readonly (readonly [slot: number, kwh: number])[]

/**
 * Each restates or takes back what those before it said: 400 and 401 are believed until 13 and 14
 * come, which void two words, and the last bounds none of the words that it brings back.
 */
const requests: readonly Said[] = [
  [
    [0, 10],
    [1, 11],
    [2, 400],
    [3, 401],
  ],
  [
    [4, 13],
    [5, 14],
  ],
  [
    [2, 12],
    [3, 12.5],
    [5, 13.5],
  ],
  [
    [4, 450],
    [2, 400],
    [3, 401],
    [5, 451],
  ],
]

test('whatever instant the API is killed at, the sender’s retry completes it', async () => {
  await play('calm', null)
  const calm = await wordsOf('calm')
  expect(calm.length).toBeGreaterThan(3)
  // A soak kills at every call of a port, before and after it; CI at every third moment.
  const every = inject('isSoak') ? 1 : 3
  for (const place of requests.keys()) {
    let kills = 0
    for (let killAt = 1 + (place % every); ; killAt += every) {
      const name = `k-${place}-${killAt}`
      if (!(await play(name, { place, killAt, hasKey: killAt % 2 === 0 }))) break
      kills += 1
      expect(await wordsOf(name), name).toEqual(calm)
    }
    // Reads of the store, what it keeps, and the log.
    expect(kills * every).toBeGreaterThan(9)
  }
}, 1_200_000)

test('two processes that take registers of one meter at once leave out no interval', async () => {
  const rounds = inject('isSoak') ? 60 : 6
  const meters = Array.from({ length: 10 }, (_, at) => `t${at}`)
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(`two ${round}`)
    const [one, two] = [
      meters.map((each) => `${each}-${round}-one`),
      meters.map((each) => `${each}-${round}-two`),
    ]
    await enrol([...one, ...two])
    await Promise.all(
      apis.map((api, at) => api.disturb({ killAt: 0, pauseSeed: `${round} ${at}` })),
    )
    const series = meters.map(() => drawSeries(random))
    for (let next = 0; next < series[0]!.length; next += 2) {
      const pair = [next, next + 1]
      await Promise.all(
        pair.map((at, side) =>
          post(
            apis[side]!,
            ndjsonOf(
              two,
              series.map((own) => [own[at]!]),
            ),
          ),
        ),
      )
    }
    await post(apis[0], ndjsonOf(one, series))
    const found = await counting()
    const of = (name: string) => found.filter(({ meter }) => meter === name).map(wordText)
    for (const [at, name] of one.entries()) {
      expect(of(two[at]!), `round ${round}: ${JSON.stringify(series[at])}`).toEqual(of(name))
    }
  }
}, 1_200_000)

/** Registers of one meter in no order, of which some are too high or too low. */
function drawSeries(random: ReturnType<typeof seededRandom>): Said {
  let kwh = 10
  const own = Array.from({ length: 12 }, (_, slot): [number, number] => {
    kwh += random.below(5) / 2
    const isWrong = random.below(8) === 0
    return [slot, isWrong ? kwh + random.below(400) : kwh]
  })
  return shuffled(own, random)
}

type Kill = { readonly place: number; readonly killAt: number; readonly hasKey: boolean }

/** Says all requests of a meter. @returns whether the API was killed in one. */
async function play(meter: string, kill: Kill | null): Promise<boolean> {
  await enrol([meter])
  let isKilled = false
  for (const [at, said] of requests.entries()) {
    const key = kill?.hasKey ? { key: `${meter}-${at}` } : {}
    const body = { ...ndjsonOf([meter], [said]), ...key }
    if (kill?.place === at) {
      await apis[0].disturb({ killAt: kill.killAt, pauseSeed: '' })
      await apis[0].post('/api/v1/readings', body)
      isKilled = apis[0].isDead()
      if (isKilled) apis[0] = await startDisturbedApi(dir, server.url)
      else await apis[0].disturb({ killAt: 0, pauseSeed: '' })
    }
    await post(apis[0], body)
  }
  return isKilled
}

async function enrol(meters: readonly string[]): Promise<void> {
  const text = JSON.stringify(
    meters.map((meter) => ({ meter, zone: 'UTC', group: 'G', intervalS: 1800 })),
  )
  const answer = await apis[0].post('/api/v1/meters', { type: 'application/json', text })
  expect(answer.status, answer.body).toBe(200)
}

const firstMs = Date.UTC(2026, 0, 5)

function ndjsonOf(meters: readonly string[], said: readonly Said[]) {
  const rows = meters.flatMap((meter, at) => {
    return said[at]!.map(([slot, kwh]) => ({
      ...{ meter, register_wh: kwh * 1000 },
      start: new Date(firstMs + slot * 1_800_000).toISOString(),
    }))
  })
  const text = rows.map((row) => JSON.stringify(row)).join('\n')
  return { type: 'application/x-ndjson', text }
}

/** As a sender does: what is not acknowledged is sent again. */
async function post(api: DisturbedApi, body: ReturnType<typeof ndjsonOf>): Promise<void> {
  let answer = await api.post('/api/v1/readings', body)
  for (let tries = 0; answer.status === 503 && tries < 20; tries++) {
    answer = await api.post('/api/v1/readings', body)
  }
  expect(answer.status, answer.body).toBe(202)
}

async function counting() {
  const log = await openLmdbLog({ dir, partitions: { [readingsTopic]: 2, [rejectedTopic]: 1 } })
  try {
    return await countingWords(log, 2)
  } finally {
    await log.close()
  }
}

async function wordsOf(meter: string): Promise<string[]> {
  return (await counting()).filter((each) => each.meter === meter).map(wordText)
}

function wordText({ startMs, energyMwh }: { startMs: number; energyMwh: number }): string {
  return `${new Date(startMs).toISOString().slice(11, 16)} ${energyMwh / 1e6}`
}
