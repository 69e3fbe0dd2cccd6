import type { FastifyInstance } from 'fastify'
import { expect } from 'vitest'
import { problemType } from '../../schemas/errors/problem.ts'
import { declaredKinds } from '../../serving/api/http/declaredKinds.ts'

/**
 * Fails the test in which a route answers a kind of problem that it does not declare, and that
 * OpenAPI therefore does not list. A path without a route is `not-found` and declares nothing.
 */
export function expectDeclaredKinds(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    if (!isProblem || request.is404 || typeof payload !== 'string') return
    const { type } = JSON.parse(payload) as { type: string }
    const { method, url, schema, config } = request.routeOptions
    const declared = [...declaredKinds({ schema, config })].map(problemType)
    expect.soft(declared, `${method} ${url} declares the problems it answers`).toContain(type)
  })
}
