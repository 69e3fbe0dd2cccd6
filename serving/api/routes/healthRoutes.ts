import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import { readingsTopic } from '../../../schemas/topics.ts'
import { type Readiness, readiness } from '../../shapes/status.ts'
import { isLoopback, wantToken } from '../http/access.ts'
import { addRoute, sent } from '../http/addRoute.ts'
import type { Metrics } from '../http/metrics.ts'
import { remember } from '../http/remember.ts'
import { within } from '../http/within.ts'
import type { ApiContext } from '../read/apiPorts.ts'

const readyMsMax = 1_800

/** `/livez`, `/readyz` and `/metrics`, at the root. */
export function addHealthRoutes(app: FastifyInstance, api: ApiContext, metrics: Metrics): void {
  // Whoever asks, and however often: one check a second.
  const readReadiness = remember({ freshMs: 1_000 }, () => checkReadiness(api))
  addRoute(app, {
    method: 'GET',
    path: '/livez',
    id: 'isAlive',
    tag: 'health',
    summary: 'Whether the process answers; never limited',
    access: 'open',
    isCheap: true,
    isUnlimited: true,
    answer: z.object({ isAlive: z.literal(true) }),
    handle: () => ({ isAlive: true as const }),
  })
  addRoute(app, {
    method: 'GET',
    path: '/readyz',
    id: 'isReady',
    tag: 'health',
    summary: 'Whether store, log and chain answer; 503 when one does not; never limited',
    access: 'open',
    isCheap: true,
    isUnlimited: true,
    answer: readiness,
    others: { 503: readiness },
    async handle({ reply }) {
      const report = await readReadiness()
      if (report.isReady) return report
      const text = JSON.stringify(report)
      void reply.code(503).type('application/json; charset=utf-8').send(text)
      return sent
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/metrics',
    isCheap: true,
    id: 'getMetrics',
    tag: 'health',
    summary: 'Prometheus metrics; open on loopback, with the token from elsewhere',
    access: 'either',
    answer: z.string(),
    produces: ['text/plain'],
    async handle({ request, reply }): Promise<typeof sent> {
      if (!isLoopback(request.ip)) wantToken(request)
      void reply.type(metrics.contentType).send(await metrics.read())
      return sent
    },
  })
}

async function checkReadiness({ views, log, chain }: ApiContext): Promise<Readiness> {
  const [store, queue, node] = await Promise.all([
    tryIt('The store of views', () => views.ping()),
    tryIt('The log', () => log.progress('archive', readingsTopic)),
    tryIt('The chain', () => chain.head()),
  ])
  const parts = { views: store, log: queue, chain: node }
  return { isReady: Object.values(parts).every((part) => part.isReady), parts }
}

async function tryIt(
  name: string,
  ask: () => Promise<unknown>,
): Promise<Readiness['parts']['views']> {
  try {
    await within(readyMsMax, ask())
    return { isReady: true, sentence: `${name} answers.` }
  } catch (error) {
    return { isReady: false, sentence: `${name} does not answer: ${sentenceOf(error)}` }
  }
}
