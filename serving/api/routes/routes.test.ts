import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bearer } from '../../../deploy/testing/testApi.ts'
import { describeEvents } from '../testing/eventsSuite.ts'
import { highWaterMs } from '../testing/fillViews.ts'
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
import { describeSites } from '../testing/sitesSuite.ts'
import { describeStatus } from '../testing/statusSuite.ts'
import { describeViews } from '../testing/viewsSuite.ts'

/** One installation for all of them; the last test checks every answer against the document. */
beforeAll(openRoutes)
afterAll(closeRoutes)

describeStatus()
describeViews()
describeEvents()
describeSettlement()
describeSites()

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
    const id = `recompute-${highWaterMs}`
    expect(answer.json()).toEqual({ name: 'recompute', id, sentence: 'Added.' })
  })
})

describe('the document', () => {
  test('it declares every answer of this file, and this file calls every operation', async () => {
    const wrong = { method: 'POST', headers: bearer, payload: '{' } as const
    await app.inject({ ...wrong, url: '/api/v1/events' })
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
