import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { TokenTooShortError } from '../../schemas/errors/configuration.ts'
import { ZeroAccountError } from '../../schemas/errors/meter.ts'
import { AnswerTooLargeError } from '../../schemas/errors/views.ts'
import { InvariantError, RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { CreateApiParameters } from '../../serving/api/createApi.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { bodyOf, listRoutes, type Route } from '../testing/routeRequests.ts'
import { bearer, openTestApi, standingClock } from '../testing/testApi.ts'

/** `openTestApi` checks each answer: the kind of a problem is among those its route declares. */
let app: FastifyInstance
afterEach(() => app.close())

/** Every port fails with this error. */
function failing(error: Error, others: Partial<CreateApiParameters> = {}) {
  const fail = async () => {
    throw error
  }
  const port = new Proxy({} as never, { get: (_, name) => (name === 'then' ? undefined : fail) })
  const clock = standingClock(0)
  const registry = createMeterRegistry(port)
  const ports = { log: port, views: port, clock, registry, partitions: 2 }
  return openTestApi({
    ...{ views: port, log: port, chain: port, jobs: port, models: port, commands: port },
    ...{ retryDeadLetters: fail, startJob: fail },
    extensions: [(scope) => registerReadingsRoutes(scope, ports)],
    ...others,
  })
}

const json = { ...bearer, 'content-type': 'application/json' }

/** A request that fits its route. */
function fitting({ method, path }: Route): InjectOptions {
  const payload = bodyOf({ method, path })
  return { method, url: path, headers: json, ...(payload === null ? {} : { payload }) }
}

/** What is wrong with a request, and what it becomes. */
const provocations: readonly [string, (route: Route) => InjectOptions][] = [
  ['no token', (route) => ({ ...fitting(route), headers: {} })],
  ['a wrong token', (route) => ({ ...fitting(route), headers: { authorization: 'Bearer no' } })],
  ['another host', (route) => ({ ...fitting(route), headers: { ...json, host: 'evil.test' } })],
  ['an unknown parameter', (route) => ({ ...fitting(route), url: `${route.path}?no=1` })],
  ['a range that ends early', (route) => ({ ...fitting(route), url: `${route.path}${early}` })],
  ['a path of another shape', (route) => ({ ...fitting(route), url: `${route.path}~` })],
  ['half a document', (route) => ({ ...fitting(route), payload: '{' })],
  ['an empty body', (route) => ({ ...fitting(route), payload: '' })],
  ['another shape', (route) => ({ ...fitting(route), payload: '{"no":1}' })],
  ['no list', (route) => ({ ...fitting(route), payload: '[null]' })],
  ['another media type', (route) => withHeader(route, 'content-type', 'image/png')],
  ['too long a body', (route) => withHeader(route, 'content-length', '999999999')],
  ['too long a key', (route) => withHeader(route, 'idempotency-key', 'k'.repeat(999))],
]
const early = '?from=2013-02-12T00:00Z&to=2013-02-11T00:00Z'

function withHeader(route: Route, name: string, value: string): InjectOptions {
  return { ...fitting(route), headers: { ...json, [name]: value } }
}

/** The statuses of all routes but the stream, which does not end unless it is refused. */
async function sendAll(requestOf: (route: Route) => InjectOptions): Promise<number[]> {
  const statuses: number[] = []
  const routes = listRoutes(app.swagger())
  expect(routes.length).toBeGreaterThan(25)
  for (const route of routes) {
    if (!route.path.endsWith('/stream')) {
      statuses.push((await app.inject(requestOf(route))).statusCode)
    }
  }
  return statuses
}

test.each(provocations)('%s is refused with a kind that the route declares', async (_, request) => {
  app = await failing(new RetryableError('Down.'))
  expect((await sendAll(request)).some((status) => status >= 400 && status < 500)).toBe(true)
})

test.each([
  ['the stores are down', new RetryableError('Down.'), 503],
  ['the server is configured wrongly', new TokenTooShortError({ charsMin: 16 }), 503],
  ['we made a mistake', new InvariantError('Broken.'), 500],
])('%s: every route declares it', async (_, error, status) => {
  app = await failing(error)
  expect(await sendAll(fitting)).toContain(status)
})

test('an answer is too large: our mistake on a route without a range to shorten', async () => {
  app = await failing(new AnswerTooLargeError({ what: 'query x', reason: 'Limit exceeded.' }))
  const statuses = new Set(await sendAll(fitting))
  expect(statuses).toContain(400)
  expect(statuses).toContain(500)
})

test('too many requests: every route declares it', async () => {
  const limits = { requestsPerMinute: 1, trustedRequestsPerMinute: 1 }
  app = await failing(new RetryableError('Down.'), { limits })
  expect((await sendAll(fitting)).filter((status) => status === 429).length).toBeGreaterThan(10)
})

test('the stream declares that it is full', async () => {
  app = await failing(new RetryableError('Down.'), { limits: { openStreamsMax: 0 } })
  const { statusCode } = await app.inject({ url: '/api/v1/stream' })
  expect(statusCode).toBe(503)
})

test.fails('a kind that a route does not declare fails its test', async () => {
  app = await failing(new ZeroAccountError({ meter: 'A' }))
  await app.inject({ url: '/api/v1/groups' })
})
