import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bearer } from '../../../deploy/testing/testApi.ts'
import { encodeFrame } from '../../../schemas/frame.ts'
import { accounts, meters } from '../../settlement/testing/exampleEvent.ts'
import { describeEvents } from '../testing/eventsSuite.ts'
import { highWaterMs, startMs } from '../testing/fillViews.ts'
import { findUndeclared, listAnswered } from '../testing/recordAnswers.ts'
import {
  app,
  closeRoutes,
  iso,
  openRoutes,
  readBare,
  recorded,
  warned,
} from '../testing/routesHarness.ts'
import { describeSettlement } from '../testing/settlementSuite.ts'
import { describeStatus } from '../testing/statusSuite.ts'
import { describeViews } from '../testing/viewsSuite.ts'

/** One installation for all of them; the last test checks every answer against the document. */
beforeAll(openRoutes)
afterAll(closeRoutes)

describeStatus()
describeViews()
describeEvents()
describeSettlement()

test('nothing was logged as a failure', () => {
  expect(warned).toEqual([])
})

describe('work', () => {
  test('models are listed with their metrics', async () => {
    const { models } = await readBare('/models')
    expect(models[0]).toMatchObject({
      name: 'day-ahead',
      isReleased: true,
      metrics: { ratio: 0.7 },
    })
    expect(await readBare(`/models/${models[0].id}`)).toEqual(models[0])
  })

  test('a job is started for a high-water mark', async () => {
    const body = { name: 'recompute', highWater: iso(highWaterMs) }
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/jobs',
      headers: bearer,
      payload: body,
    })
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toEqual({ name: 'recompute', id: `recompute-${highWaterMs}` })
  })
})

describe('the document', () => {
  /** As a generated client would: by the document's operation. */
  const sendDescribed = async (path: string, type: string, payload: string | Buffer) => {
    const { paths } = await readBare('/openapi.json')
    const { requestBody, parameters = [] } = paths[path].post
    expect(Object.keys(requestBody.content)).toContain(type)
    const names = parameters.map((each: { name: string }) => each.name)
    const url = names.includes('layout') ? `${path}?layout=tidy&unit=kwh&step=1&zone=UTC` : path
    const key = names.includes('idempotency-key') ? { 'idempotency-key': type } : {}
    const headers = { ...bearer, ...key, 'content-type': type }
    return app.inject({ method: 'POST', url, headers, payload })
  }
  const reading = { meter: meters[0], start: iso(startMs), duration_s: 1800, energy_wh: 1 }

  test.each([
    ['application/json', JSON.stringify([reading, { ...reading, meter: 'nobody' }])],
    ['application/x-ndjson', JSON.stringify(reading)],
    ['text/csv', `meter,start,duration_s,energy_wh\n${meters[0]},${iso(startMs)},1800,nan`],
    ['application/vnd.wattproof.frame', Buffer.from(encodeFrame([]))],
  ])('readings are sent as it says, as %s', async (type, payload) => {
    const { paths } = await readBare('/openapi.json')
    expect(Object.keys(paths['/api/v1/readings'].post.responses)).toContain('202')
    expect((await sendDescribed('/api/v1/readings', type, payload)).statusCode).toBe(202)
  })

  test('meters are enrolled as it says', async () => {
    const meter = { meter: 'fresh', zone: 'UTC', group: 'G', intervalS: 1800, account: accounts[0] }
    const body = JSON.stringify([meter])
    const answer = await sendDescribed('/api/v1/meters', 'application/json', body)
    expect(answer.json()).toEqual({ enrolled: 1, unchanged: 0 })
  })

  test('it declares every answer of this file, and this file calls every operation', async () => {
    const wrong = { method: 'POST', headers: bearer, payload: '{' } as const
    for (const path of ['/readings', '/meters', '/events']) {
      await app.inject({ ...wrong, url: `/api/v1${path}` })
    }
    for (const url of ['/livez', '/readyz', '/api/v1/jobs', '/api/v1/validators']) {
      await app.inject({ url })
    }
    const document = await readBare('/openapi.json')
    expect(findUndeclared(document, recorded)).toEqual([])
    const answered = listAnswered(document, recorded)
    const operations = Object.entries(document.paths).flatMap(([path, methods]) => {
      return Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`)
    })
    expect(operations.filter((each) => !answered.has(each)).sort()).toEqual([
      // The chain and the job queue are unreachable here, and the stream does not end.
      'GET /api/v1/anchors',
      'GET /api/v1/jobs',
      'GET /api/v1/stream',
      'GET /api/v1/validators',
      'GET /readyz',
    ])
  })
})
