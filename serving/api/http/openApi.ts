import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import * as z from 'zod'
import { type ErrorKind, errorKinds } from '../../../schemas/errors/kinds.ts'
import { problemType } from '../../../schemas/errors/problem.ts'
import { toJson } from '../../../schemas/units.ts'
import { problem } from '../../shapes/common.ts'
import { addRoute, sent } from './addRoute.ts'
import { declaredKinds } from './declaredKinds.ts'

const openapi = '3.1.0'
const json = 'application/json'

export type AddOpenApiParameters = { readonly version: string }

/** Makes the OpenAPI 3.1 document of every route that is added afterwards. */
export async function addOpenApi(
  app: FastifyInstance,
  { version }: AddOpenApiParameters,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi,
      info: {
        title: 'Wattproof',
        version,
        description:
          'Demand response you can prove. Instants are ISO 8601 in UTC, energies whole mWh, ' +
          'money whole millionths of the currency; integers beyond 2^53 are strings.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      // Relative: the document is right wherever it was fetched from.
      servers: [{ url: '/' }],
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
        schemas: { Problem: toJsonSchema(problem, 'output') as never },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: describeRoute(schema, route), url }),
  })
}

/** `/openapi.json`: the document itself, made once: it is the same for everybody. */
export function addOpenApiRoute(app: FastifyInstance): void {
  let document: Buffer | null = null
  addRoute(app, {
    method: 'GET',
    path: '/openapi.json',
    id: 'getOpenApi',
    tag: 'health',
    summary: 'This document',
    access: 'open',
    isCheap: true,
    answer: z.looseObject({ openapi: z.string() }),
    handle({ reply }) {
      document ??= Buffer.from(toJson({ ...app.swagger(), openapi }))
      void reply.type(`${json}; charset=utf-8`).send(document)
      return sent
    },
  })
}

/** The public routes in OpenAPI terms. */
function describeRoute(schema: FastifySchema | undefined, route: RouteOptions): FastifySchema {
  const access = route.config?.access ?? (route.url.startsWith('/api/') ? 'token' : 'open')
  const withToken = [{ token: [] }]
  const either = [{}, ...withToken]
  const security = { open: [], token: withToken, validator: withToken, either }[access]
  const described: Record<string, unknown> = { ...schema, security }
  for (const part of ['params', 'querystring', 'headers', 'body'] as const) {
    const shape = schema?.[part]
    if (shape instanceof z.ZodType) described[part] = toJsonSchema(shape, 'input')
  }
  const { content } = (schema?.body ?? {}) as { content?: Content }
  if (content) described.body = { content: describeContent(content) }
  if (isEmptyObject(described.querystring)) delete described.querystring
  described.response = describeAnswers(schema, route)
  return described as FastifySchema
}

type Content = Readonly<Record<string, { readonly schema: unknown }>>

/** A body that may come in several media types. */
function describeContent(content: Content): Content {
  const described = Object.entries(content).map(([type, { schema }]) => {
    return [type, { schema: schema instanceof z.ZodType ? toJsonSchema(schema, 'input') : schema }]
  })
  return Object.fromEntries(described)
}

function describeAnswers(schema: FastifySchema | undefined, route: RouteOptions) {
  const given = (schema?.response ?? { 200: { description: 'Done.' } }) as Record<string, unknown>
  const answers = Object.entries(given).map(([status, shape]) => {
    if (!(shape instanceof z.ZodType)) return [status, shape]
    const isUsual = Number(status) < 300
    const types = (isUsual ? route.config?.produces : undefined) ?? [json]
    const content = types.map((type) => {
      const text = { type: 'string', contentMediaType: type }
      return [type, { schema: type === json ? toJsonSchema(shape, 'output') : text }]
    })
    return [status, { description: 'Done.', content: Object.fromEntries(content) }]
  })
  // A description alone: nothing is in the body.
  if (route.config?.hasETag) answers.push(['304', { description: 'Unchanged.', type: 'null' }])
  const problems = describeProblems(declaredKinds({ schema, config: route.config }))
  // A route may answer one of these statuses with a body of its own.
  return { ...problems, ...Object.fromEntries(answers) }
}

/** By status, the types of problems that come with it. */
function describeProblems(kinds: ReadonlySet<ErrorKind>): Record<string, unknown> {
  const schema = { $ref: '#/components/schemas/Problem' }
  const content = { 'application/problem+json': { schema } }
  const described: Record<string, { description: string; content: typeof content }> = {}
  for (const kind of kinds) {
    const { status, title } = errorKinds[kind]
    const before = described[status] ? `${described[status].description} ` : ''
    described[status] = { description: `${before}\`${problemType(kind)}\`: ${title}.`, content }
  }
  return described
}

function toJsonSchema(shape: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...described } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  return described
}

function isEmptyObject(schema: unknown): boolean {
  const { properties } = (schema ?? {}) as { properties?: object }
  return properties !== undefined && Object.keys(properties).length === 0
}
