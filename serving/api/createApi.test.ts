import Ajv2020 from 'ajv/dist/2020.js'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bearer, openTestApi, testToken } from '../../deploy/testing/testApi.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'

/** The guards alone: all ports are down, so a permitted request is answered 503. */
let app: FastifyInstance
const lines: string[] = []

beforeAll(async () => {
  app = await openTestApi({
    limits: { bodyBytesMax: 1_000 },
    logger: { level: 'info', stream: { write: (line) => void lines.push(line) } },
    extensions: [
      (scope) => {
        scope.post('/api/v1/added', { schema: { summary: 'Added' } }, async () => ({ done: true }))
        scope.get('/api/v1/added', async () => ({ done: true }))
        scope.get('/page.html', { schema: { hide: true } }, async () => 'a page')
        scope.post('/api/v1/broken', async () => {
          throw new Error('the password is swordfish')
        })
        scope.get('/api/v1/refused', { config: { access: 'open' } }, async () => {
          throw new InvalidArgumentError('Say something else.')
        })
      },
    ],
  })
})
afterAll(() => app.close())

type Operation = {
  readonly operationId?: string
  readonly security?: readonly object[]
  readonly responses: Record<string, { description: string; content?: object }>
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[]
}
type Document = {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas: Record<string, object> }
}

/** Every public route; a new one must be added here on purpose or needs the token. */
const open = [
  'GET /api/v1/status',
  'GET /api/v1/views',
  'GET /api/v1/views/{name}',
  'GET /api/v1/forecasts',
  'GET /api/v1/groups',
  'GET /api/v1/events',
  'GET /api/v1/events/{id}',
  'GET /api/v1/events/{id}/deviations',
  'GET /api/v1/events/{id}/reconciliation',
  'GET /api/v1/events/{id}/settlement',
  'GET /api/v1/validators',
  'GET /api/v1/anchors',
  'GET /api/v1/jobs',
  'GET /api/v1/models',
  'GET /api/v1/models/{id}',
  'GET /api/v1/stream',
  'GET /api/v1/openapi.json',
  'GET /api/v1/refused',
  'GET /livez',
  'GET /readyz',
  'GET /metrics',
]

describe('access', () => {
  test('each route is in the public list or answers 401 without the token', async () => {
    const seen: string[] = []
    for (const { method, path, operation } of listOperations(await readDocument())) {
      const name = `${method} ${path}`
      seen.push(name)
      if (name === 'GET /api/v1/stream') continue
      const request = { method: method as 'GET', url: addressOf(path) }
      const bare = await app.inject(request)
      const forged = await app.inject({ ...request, headers: { authorization: 'Bearer wrong' } })
      const trusted = await app.inject({ ...request, headers: bearer })

      expect.soft(bare.statusCode === 401, `${name} without token`).toBe(!open.includes(name))
      expect.soft(forged.statusCode, `${name} with a wrong token`).toBe(401)
      expect.soft(trusted.statusCode, `${name} with the token`).not.toBe(401)
      const isOpen = operation.security?.length === 0 || operation.security?.some(isEmpty)
      expect.soft(isOpen, `${name} as the document says`).toBe(open.includes(name))
    }
    for (const name of open) expect(seen).toContain(name)
  })

  test('says where to find the token, and shows none', async () => {
    const bare = await app.inject({ method: 'POST', url: '/api/v1/events' })
    expect(bare.headers['www-authenticate']).toBe('Bearer realm="wattproof"')
    expect(bare.json()).toMatchObject({
      type: 'urn:wattproof:problem:unauthorized',
      status: 401,
      detail: expect.stringContaining('DIR/token'),
    })
    expect(lines.join('')).not.toContain(testToken)
  })

  test('the token is checked before the body is read', async () => {
    const payload = 'x'.repeat(5_000)
    const headers = { 'content-type': 'application/json' }
    const url = '/api/v1/events'
    expect((await app.inject({ method: 'POST', url, payload, headers })).statusCode).toBe(401)
    const trusted = { ...headers, ...bearer }
    const refused = await app.inject({ method: 'POST', url, payload, headers: trusted })
    expect(refused.statusCode).toBe(413)
    expect(refused.json().detail).toMatch(/larger than this route takes/)
  })

  test.each([
    ['GET', '/page.html', 200],
    ['GET', '/api/v1/added', 401],
    ['POST', '/api/v1/added', 401],
    ['POST', '/page.html', 404],
    ['GET', '/api/v1/views/deviation', 401],
    ['GET', '/api/v1/views/exceptions', 401],
    ['GET', '/api/v1/views/rejected', 401],
    ['GET', '/api/v1/views/settlement_lines', 401],
    ['GET', '/api/v1/views/group', 503],
    ['GET', '/api/v1/forecasts?meter=MAC000001', 401],
    ['GET', '/api/v1/forecasts?group=dynamic', 503],
  ] as const)('%s %s without the token is %d', async (method, url, status) => {
    expect((await app.inject({ method, url })).statusCode).toBe(status)
  })

  test('metrics are open on loopback only', async () => {
    const url = '/metrics'
    const near = await app.inject({ url, remoteAddress: '127.0.0.1' })
    const far = await app.inject({ url, remoteAddress: '192.0.2.7' })
    expect([near.statusCode, far.statusCode]).toEqual([503, 401])
  })

  test.each([
    ['GET', '/api/v1/anchors', 503],
    ['GET', '/api/v1/anchors/1/published', 503],
    ['POST', '/api/v1/anchors/1/verdicts', 400],
    ['GET', '/api/v1/views/deviation', 401],
    ['GET', '/api/v1/meters/MAC000001/bundles/x', 401],
    ['POST', '/api/v1/events', 401],
    ['POST', '/api/v1/events/x/claims', 401],
  ] as const)('%s %s with the token of validators is %d', async (method, url, status) => {
    const validatorToken = 'a-token-of-validators'
    const api = await openTestApi({ validatorToken })
    const headers = { authorization: `Bearer ${validatorToken}` }
    expect((await api.inject({ method, url, headers })).statusCode).toBe(status)
    await api.close()
  })

  test.each([
    ['localhost:8420', 200],
    ['LOCALHOST', 200],
    ['127.0.0.1:8420', 200],
    ['[::1]:8420', 200],
    ['10.1.2.3:8420', 200], // a probe calls the address of its pod
    ['site.lan:8420', 200],
    ['', 200], // a probe by HTTP/1.0 has no name
    ['evil.test:8420', 421],
    ['127.0.0.1.evil.test', 421],
    ['localhost.evil.test', 421],
    ['[::1].evil.test', 421],
    ['evil.test:80:80', 421],
  ])('called by "%s" it answers %d', async (host, status) => {
    const api = await openTestApi({ names: ['Site.lan'] })
    const response = await api.inject({ url: '/livez', headers: { host } })
    expect(response.statusCode).toBe(status)
    await api.close()
  })

  test('a foreign host name is refused with what to do, whatever the token', async () => {
    const headers = { ...bearer, host: 'evil.test' }
    const refused = await app.inject({ url: '/api/v1/status', headers })
    expect(refused.statusCode).toBe(421)
    expect(refused.json()).toMatchObject({
      type: 'urn:wattproof:problem:misdirected',
      detail: expect.stringMatching(/"evil\.test".*localhost.*WATTPROOF_NAMES/),
      instance: `urn:wattproof:request:${refused.headers['x-request-id']}`,
    })
  })

  test('refuses a token that could be guessed', async () => {
    const message = /at least 16 characters/
    await expect(openTestApi({ token: 'short' })).rejects.toThrow(message)
    await expect(openTestApi({ validatorToken: 'short' })).rejects.toThrow(message)
  })
})

describe('problems', () => {
  test.each([
    ['/api/v1/nothing', 404, 'not-found', /GET \/api\/v1\/nothing; see/],
    ['/api/v1/views/nothing', 404, 'not-found', /no view named nothing/],
    ['/api/v1/events/NO_SUCH', 400, 'shape', /^path\.id: .*openapi\.json\.$/],
    ['/api/v1/events?limit=0', 400, 'shape', /^query\.limit: 1 to 1000/],
    ['/api/v1/events?limit=ten', 400, 'shape', /^query\.limit: a whole number/],
    ['/api/v1/events?limit=1&limit=2', 400, 'shape', /^query\.limit: /],
    ['/api/v1/status?verbose=1', 400, 'shape', /^query: Unrecognized key: "verbose"/],
    ['/api/v1/views/group?from=2013-02-11', 400, 'shape', /^query\.from: date and time in .*17:00/],
    [
      '/api/v1/views/group?meter=M1',
      400,
      'invalid',
      /takes group, from, to, page, limit, format; not meter/,
    ],
    ['/api/v1/refused', 400, 'invalid', /^Say something else\.$/],
    ['/api/v1/events', 503, 'not-now', /cannot be reached\. Ask again in a second\.$/],
  ])('%s is %d %s', async (url, status, name, detail) => {
    const response = await app.inject({ url })
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = response.json()
    expect(problem).toMatchObject({ status, type: `urn:wattproof:problem:${name}` })
    expect(problem.detail).toMatch(detail)
    expect(problem.instance).toBe(`urn:wattproof:request:${response.headers['x-request-id']}`)
  })

  test.each([
    ['DELETE', '/api/v1/events', 'GET, HEAD, POST'],
    ['DELETE', '/api/v1/events/high', 'GET, HEAD'],
    ['PUT', '/api/v1/events?limit=1', 'GET, HEAD, POST'],
  ] as const)('%s %s is 405 and says what is allowed', async (method, url, allow) => {
    const response = await app.inject({ method, url, headers: bearer })
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe(allow)
    expect(response.json()).toMatchObject({ type: 'urn:wattproof:problem:method', status: 405 })
  })

  test.each([
    ['DELETE', '/api/v1/nothing'],
    ['DELETE', '/api/v1/events/'],
    ['POST', '/page.html'],
  ] as const)('%s %s is not found', async (method, url) => {
    expect((await app.inject({ method, url, headers: bearer })).statusCode).toBe(404)
  })

  test('our own mistakes go to the log, not to the client', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/broken',
      headers: { ...bearer, 'x-request-id': 'from-a-test' },
    })
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('swordfish')
    expect(response.json().instance).toBe('urn:wattproof:request:from-a-test')
    const logged = lines.filter((line) => line.includes('from-a-test'))
    expect(logged.join('')).toContain('swordfish')
  })

  test('strangers who are refused do not fill the log', async () => {
    const said: string[] = []
    const logger = { level: 'info', stream: { write: (line: string) => void said.push(line) } }
    const api = await openTestApi({ logger, limits: { requestsPerMinute: 100 } })
    const statuses = new Map<number, number>()
    for (let sent = 0; sent < 200; sent++) {
      const { statusCode } = await api.inject({ url: '/api/v1/events' })
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    }
    await api.close()
    expect([...statuses]).toEqual([
      [503, 100],
      [429, 100],
    ])
    const failed = said.filter((line) => line.includes('The views store cannot be reached'))
    expect(failed).toHaveLength(20)
    expect(said.length).toBeLessThan(25)
  })

  test('a body is refused with the place that does not fit', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/events',
      headers: bearer,
      payload: { id: 'high', start: '2013-02-11T17:00:00Z', end: 'later', participants: [] },
    })
    expect(response.statusCode).toBe(400)
    const paths = response.json().errors.map((each: { path: string }) => each.path)
    expect(paths).toEqual(['body.terms', 'body.end', 'body.participants'])
  })

  test('a body of another kind is 415', async () => {
    const headers = { ...bearer, 'content-type': 'application/xml' }
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/jobs',
      headers,
      payload: '<a/>',
    })
    expect(response.statusCode).toBe(415)
    expect(response.json().detail).toMatch(/application\/json/)
  })

  test('a request id that could forge a log line is replaced', async () => {
    const headers = { 'x-request-id': 'a"b' }
    const response = await app.inject({ url: '/livez', headers })
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('limits', () => {
  test('pages may load from here only, and no other site may read the answers', async () => {
    const { headers } = await app.inject({ url: '/livez', headers: { origin: 'http://evil.test' } })
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('readiness names the part that is down', async () => {
    const response = await app.inject({ url: '/readyz' })
    expect(response.statusCode).toBe(503)
    const { isReady, parts } = response.json()
    expect(isReady).toBe(false)
    expect(parts.chain).toEqual({
      isReady: false,
      sentence: 'The chain does not answer: The chain cannot be reached.',
    })
  })
})

describe('the OpenAPI document', () => {
  test('describes every route once, each parameter of its path, and every refusal', async () => {
    const document = await readDocument()
    expect(document.openapi).toMatch(/^3\.1\./)
    const ids = listOperations(document).flatMap(({ path, operation }) => {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1])
      const given = (operation.parameters ?? []).filter((each) => each.in === 'path')
      expect(given.map((each) => each.name).sort()).toEqual(inPath.sort())
      expect(given.every((each) => each.required)).toBe(true)
      expect(Object.keys(operation.responses)).toContain('400')
      for (const answer of Object.values(operation.responses))
        expect(answer.description).toBeTruthy()
      return operation.operationId ?? []
    })
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(25)
  })

  test('is made once: many who ask for it at one time are all answered', async () => {
    const asked = Array.from({ length: 30 }, () => app.inject({ url: '/api/v1/openapi.json' }))
    const answers = await Promise.all(asked)
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(answers[0]!.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test('every schema in it is JSON Schema 2020-12', async () => {
    const document = await readDocument()
    const ajv = new Ajv2020.default({ strict: false, validateFormats: false })
    for (const { operation } of listOperations(document)) {
      for (const schema of listSchemas(operation)) {
        if ('$ref' in schema) {
          expect(schema.$ref).toBe('#/components/schemas/Problem')
          continue
        }
        expect(() => ajv.compile(schema)).not.toThrow()
      }
    }
    expect(() => ajv.compile(document.components.schemas.Problem!)).not.toThrow()
  })
})

async function readDocument(): Promise<Document> {
  return (await app.inject({ url: '/api/v1/openapi.json' })).json()
}

function listOperations({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      return { method: method.toUpperCase(), path, operation }
    }),
  )
}

function addressOf(path: string): string {
  return path
    .replace('{name}', 'group')
    .replace('{period}', '1')
    .replace('{meter}', 'MAC000001')
    .replace('{event}', 'high')
    .replace('/models/{id}', `/models/${'0'.repeat(64)}`)
    .replace('{id}', 'high')
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

/** Every `schema` anywhere below. */
function listSchemas(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) =>
    name === 'schema' ? [each as object] : listSchemas(each),
  )
}
