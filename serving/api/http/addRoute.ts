// The swagger plug-in adds `tags`, `summary` and the like to the type of a route's schema.
import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import * as z from 'zod'
import type { ErrorKind } from '../../../schemas/errors/kinds.ts'
import { RequestShapeError } from '../../../schemas/errors/request.ts'
import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import { toJson } from '../../../schemas/units.ts'
import type { Access } from './access.ts'

/** A request, checked against the route's shapes. */
export type Asked<P, Q, B> = {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly isTrusted: boolean
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export type RouteParameters<P, Q, B, A> = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Id of the operation in the OpenAPI document. */
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly access: Access
  readonly params?: z.ZodType<P>
  /** Absent: the route takes no query, and refuses one. */
  readonly query?: z.ZodType<Q>
  readonly body?: z.ZodType<B>
  readonly answer: z.ZodType<A>
  readonly status?: 200 | 201 | 202
  /** Media types the route answers in; JSON when absent. */
  readonly produces?: readonly string[]
  /** Shapes of answers that are neither success nor problem. */
  readonly others?: Readonly<Record<number, z.ZodType>>
  readonly hasETag?: boolean
  /** It asks no store for more than a shared answer: its requests need not wait for others. */
  readonly isCheap?: boolean
  /** Its answer has no end: `HEAD` would wait for it without a reader. */
  readonly isEndless?: boolean
  /** For health: however many requests an address sends, it is answered. */
  readonly isUnlimited?: boolean
  /** Kinds of problems beyond those of its shape and access. */
  readonly problems?: readonly ErrorKind[]
  /** Returns `sent` if it has sent the answer itself. */
  handle(asked: Asked<P, Q, B>): Promise<A | typeof sent> | A | typeof sent
}

/**
 * Returned by a handler that used the reply itself. The reply will not do: it is a thenable, and
 * awaiting it would wait for the end of the answer.
 */
export const sent = Symbol('sent')

declare module 'fastify' {
  interface FastifyContextConfig {
    hasETag?: boolean
    /** Kinds of problems beyond those of its shape and access. */
    problems?: readonly ErrorKind[]
    produces?: readonly string[]
  }
}

const nothing = z.strictObject({})

/**
 * Adds a route whose request and answer have shapes.
 *
 * A request that does not match is a 400 that says where; an answer is stripped to its shape, so
 * that an undeclared field cannot leak.
 */
export function addRoute<P = unknown, Q = unknown, B = unknown, A = unknown>(
  app: FastifyInstance,
  route: RouteParameters<P, Q, B, A>,
): void {
  const { status = 200, answer } = route
  app.route({
    method: route.method,
    url: route.path,
    ...(route.isEndless ? { exposeHeadRoute: false } : {}),
    config: {
      access: route.access,
      ...(route.hasETag ? { hasETag: true } : {}),
      ...(route.isUnlimited ? { isUnlimited: true } : {}),
      // Unless it says otherwise, so that no route is forgotten.
      ...(route.method === 'GET' && !route.isCheap ? { isCostly: true } : {}),
      ...(route.problems ? { problems: route.problems } : {}),
      ...(route.produces ? { produces: route.produces } : {}),
    },
    schema: schemaOf(route, status),
    validatorCompiler: ({ schema, httpPart }) => {
      const shape = schema as unknown as z.ZodType
      return (data) => {
        const parsed = shape.safeParse(data ?? {})
        if (parsed.success) return { value: parsed.data }
        return {
          error: new RequestShapeError(
            partNames[httpPart ?? 'body'] ?? 'body',
            parsed.error.issues,
          ),
        }
      }
    },
    serializerCompiler: () => (data) => toJson(cutToShape(answer, data, route.id)),
    handler: async (request, reply) => {
      const { isTrusted } = request
      const result = await route.handle({
        params: request.params as P,
        query: request.query as Q,
        body: request.body as B,
        isTrusted,
        request,
        reply,
      })
      if (result === sent) return reply
      return reply.code(status).type('application/json; charset=utf-8').send(result)
    },
  })
}

const partNames: Readonly<Record<string, string>> = {
  params: 'path',
  querystring: 'query',
  body: 'body',
  headers: 'headers',
}

function schemaOf<P, Q, B, A>(route: RouteParameters<P, Q, B, A>, status: number): FastifySchema {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    querystring: route.query ?? nothing,
    ...(route.params ? { params: route.params } : {}),
    ...(route.body ? { body: route.body } : {}),
    response: { ...route.others, [status]: route.answer },
  }
}

function cutToShape(answer: z.ZodType, data: unknown, id: string): unknown {
  const cut = answer.safeParse(data)
  if (cut.success) return cut.data
  throw new InvariantError(`The answer of ${id} does not fit: ${z.prettifyError(cut.error)}`)
}
