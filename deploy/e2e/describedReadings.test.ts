import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import {
  findUndeclared,
  listAnswered,
  type RecordedAnswer,
  recordAnswers,
} from '../../serving/api/testing/recordAnswers.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { openReadingsApi, row } from '../../speed/testing/readingsApi.ts'
import { bearer, openTestApi, standingClock } from '../testing/testApi.ts'

/** Readings as a generated client sends them: by the operations of the served document. */
const { log, views, close } = await openReadingsApi()
const clock = standingClock(Date.parse('2013-02-12T00:00Z'))
const registry = createMeterRegistry(views)
const ports = { log, views, clock, registry, partitions: 2 }
const app = await openTestApi({
  ...{ log, views, clock },
  extensions: [(scope) => registerReadingsRoutes(scope, ports)],
})
const readDocument = async () => (await app.inject({ url: '/api/v1/openapi.json' })).json()

let recorded: readonly RecordedAnswer[]
let document: Awaited<ReturnType<typeof readDocument>>
beforeAll(async () => {
  document = await readDocument()
  recorded = recordAnswers(app)
})
afterAll(async () => {
  await app.close()
  await close()
})

test.each([
  ['application/json', JSON.stringify([row, { ...row, meter: 'nobody' }])],
  ['application/x-ndjson', JSON.stringify(row)],
  ['text/csv', `meter,start,duration_s,energy_wh\n${row.meter},${row.start},1800,nan`],
  [
    'application/vnd.wattproof.frame',
    Buffer.from(encodeFrame([aReading({ meter: row.meter, startMs: Date.parse(row.start) })])),
  ],
])('readings are sent as the document says, as %s', async (type, payload) => {
  expect(Object.keys(document.paths['/api/v1/readings'].post.responses)).toContain('202')
  expect((await send('/api/v1/readings', type, payload)).statusCode).toBe(202)
})

test('meters are enrolled as it says', async () => {
  const account = `0x${'1'.repeat(40)}`
  const meter = { meter: 'fresh', zone: 'UTC', group: 'G', intervalS: 1800, account }
  const answer = await send('/api/v1/meters', 'application/json', JSON.stringify([meter]))
  expect(answer.json()).toEqual({ enrolled: 1, unchanged: 0 })
})

test('groups are made part of others as it says', async () => {
  const body = JSON.stringify([{ group: 'feeder:F', parent: 'substation:S' }])
  const answer = await send('/api/v1/groups', 'application/json', body)
  expect(answer.json()).toEqual({ changed: 1, unchanged: 0, meters: 0 })
})

test('it declares every answer of this file', async () => {
  for (const path of ['/api/v1/readings', '/api/v1/meters', '/api/v1/groups']) {
    expect((await send(path, 'application/json', '{')).statusCode).toBe(400)
  }
  expect(findUndeclared(document, recorded)).toEqual([])
  const answered = listAnswered(document, recorded)
  expect([...answered].sort()).toEqual([
    'POST /api/v1/groups',
    'POST /api/v1/meters',
    'POST /api/v1/readings',
  ])
})

function send(path: string, type: string, payload: string | Buffer) {
  const { requestBody, parameters = [] } = document.paths[path].post
  expect(Object.keys(requestBody.content)).toContain(type)
  const names = parameters.map((each: { name: string }) => each.name)
  const url = names.includes('layout') ? `${path}?layout=tidy&unit=Wh&zone=UTC` : path
  const key = names.includes('idempotency-key') ? { 'idempotency-key': type } : {}
  return app.inject({
    ...{ method: 'POST', url, payload },
    headers: { ...bearer, ...key, 'content-type': type },
  })
}
