import { expect, test } from 'vitest'
import * as z from 'zod'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { openTestApi, standingClock, unreachable } from '../testing/testApi.ts'

/**
 * OpenAPI 3.1 as far as the document goes: fields of each object by name, and no others. Schemas
 * are checked against JSON Schema in `createApi.test.ts`.
 */
const schema = z.record(z.string(), z.unknown())
const media = z.strictObject({ schema })
const content = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/), media)
const parameter = z
  .strictObject({
    name: z.string(),
    in: z.enum(['path', 'query', 'header']),
    required: z.boolean(),
    description: z.string().optional(),
    schema,
  })
  .refine((each) => each.in !== 'path' || each.required, 'A parameter of a path is required.')
  // Client libraries set these headers themselves; OpenAPI ignores them here.
  .refine(({ name }) => !['accept', 'content-type', 'authorization'].includes(name.toLowerCase()))
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(
    z.string().regex(/^([1-5]\d\d|[1-5]XX)$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
  security: z.array(z.strictObject({ token: z.tuple([]).optional() })),
})
const document = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  components: z.strictObject({
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer') }),
    ),
    schemas: z.record(z.string(), schema),
  }),
  paths: z.record(
    z.string().startsWith('/'),
    z.strictObject({ get: operation.optional(), post: operation.optional() }),
  ),
})

test('the document of the whole API is OpenAPI 3.1, and describes sending readings', async () => {
  const [log, views] = [unreachable('The log'), unreachable('The views')] as never[]
  const clock = standingClock(0)
  const registry = createMeterRegistry(views!)
  const ports = { log: log!, views: views!, clock, registry, partitions: 2 }
  const app = await openTestApi({ extensions: [(scope) => registerReadingsRoutes(scope, ports)] })
  const served = document.parse((await app.inject({ url: '/api/v1/openapi.json' })).json())
  await app.close()

  const post = served.paths['/api/v1/readings']!.post!
  expect(Object.keys(post.requestBody!.content)).toEqual([
    'application/json',
    'application/x-ndjson',
    'text/csv',
    'application/xml',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/octet-stream',
    'application/vnd.wattproof.frame',
  ])
  const parameters = post.parameters!.map((each) => `${each.in} ${each.name}`)
  // The fields of a profile, who says it, and the key of a request that may be sent again.
  for (const each of ['layout', 'unit', 'step', 'zone', 'profile', 'source', 'ingest']) {
    expect(parameters).toContain(`query ${each}`)
  }
  expect(parameters).toContain('header idempotency-key')
  expect(post.parameters!.filter(({ required }) => required)).toEqual([])
  const { schema: answer } = post.responses['202']!.content!['application/json']!
  expect(Object.keys(answer.properties as object)).toContain('position')
  const meters = served.paths['/api/v1/meters']!.post!.requestBody!.content['application/json']!
  expect(meters.schema).toMatchObject({
    type: 'array',
    items: { required: ['meter'] },
  })

  const problemsOf = (responses: typeof post.responses) => {
    const texts = Object.values(responses).map(({ description }) => description)
    return texts
      .join(' ')
      .match(/(?<=urn:wattproof:problem:)[a-z-]+/g)
      ?.sort()
  }
  const always = [
    ...['busy', 'configuration', 'internal', 'invalid', 'misdirected'],
    ...['not-now', 'shape', 'too-many'],
  ]
  const ofBody = ['media-type', 'too-large', 'unauthorized', 'unreadable']
  expect(problemsOf(post.responses)).toEqual(
    [
      ...[...always, ...ofBody, 'conflict', 'not-acknowledged', 'too-slow', 'unknown-roster'],
    ].sort(),
  )
  expect(problemsOf(served.paths['/api/v1/events']!.post!.responses)).toEqual(
    [...always, ...ofBody, 'event-terms', 'not-found'].sort(),
  )
  expect(problemsOf(served.paths['/api/v1/views/{name}']!.get!.responses)).toContain('range')
})
