import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { NotFoundError } from '../../../schemas/errors/wattproofError.ts'
import type { JobReport } from '../../../schemas/ports/jobs.ts'
import type { ModelCard } from '../../../schemas/ports/models.ts'
import { isoUtc } from '../../../schemas/time.ts'
import {
  type Job,
  jobs,
  type Model,
  model,
  models,
  startedJob,
  startJobBody,
} from '../../shapes/status.ts'
import { addRoute } from '../http/addRoute.ts'
import { limitQuery } from '../http/queryShapes.ts'
import { remember } from '../http/remember.ts'
import type { ApiContext } from '../read/apiPorts.ts'

const jobsMax = 200

/** Jobs of the batch layer, and the models they trained. */
export function addWorkRoutes(app: FastifyInstance, api: ApiContext): void {
  // Every queue and every card is read for them: once a second for all who ask.
  const openJobs = remember({ freshMs: 1_000 }, () => api.jobs.recent(jobsMax))
  const readModels = remember({ freshMs: 1_000 }, () => describeModels(api))
  addRoute(app, {
    method: 'GET',
    path: '/jobs',
    id: 'listJobs',
    tag: 'operate',
    summary: 'Recent jobs of the batch layer; what came of each with the token',
    access: 'either',
    query: z.strictObject({ limit: limitQuery(jobsMax, 50) }),
    answer: jobs,
    async handle({ query, isTrusted }) {
      const recent = await (isTrusted ? api.jobs.recent(query.limit) : openJobs())
      const asked = recent.slice(0, query.limit)
      return { jobs: asked.map((report) => describeJob(report, isTrusted)) }
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/jobs',
    id: 'startJob',
    tag: 'operate',
    summary:
      'Starts a training or a recomputation for a high-water mark, if there is something to do',
    access: 'token',
    body: startJobBody,
    status: 202,
    answer: startedJob,
    async handle({ body: { name, highWater, takesBack } }) {
      const highWaterMs = Date.parse(highWater)
      return { name, ...(await api.startJob({ name, highWaterMs, takesBack })) }
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/models',
    id: 'listModels',
    tag: 'models',
    summary: 'Model cards: how each was made and how well it did',
    access: 'open',
    answer: models,
    hasETag: true,
    async handle() {
      return { models: await readModels() }
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/models/:id',
    id: 'getModel',
    tag: 'models',
    summary: 'One model card',
    access: 'open',
    params: z.strictObject({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
    answer: model,
    hasETag: true,
    async handle({ params }) {
      const found = (await readModels()).find(({ id }) => id === params.id)
      if (!found) throw new NotFoundError('model', params.id)
      return found
    },
  })
}

function describeJob({ result, failure, ...open }: JobReport, isTrusted: boolean): Job {
  return isTrusted ? { ...open, result, failure } : open
}

/** Newest first. */
async function describeModels({ models: shelf }: ApiContext): Promise<Model[]> {
  const cards = await shelf.list()
  const names = [...new Set(cards.map(({ name }) => name))]
  const released = await Promise.all(names.map((name) => shelf.released(name)))
  const ids = new Set(released.map((card) => card?.id))
  return cards
    .map((card) => describeModel(card, ids.has(card.id)))
    .sort((left, right) => (left.created < right.created ? 1 : -1))
}

function describeModel({ createdMs, ...card }: ModelCard, isReleased: boolean): Model {
  const { split, inputs, outputs } = card
  const lists = (of: ModelCard['inputs']) =>
    Object.fromEntries(Object.entries(of).map(([name, dims]) => [name, [...dims]]))
  return {
    ...card,
    created: isoUtc(createdMs),
    split: { train: [...split.train], validate: [...split.validate], test: [...split.test] },
    hyperparameters: { ...card.hyperparameters },
    inputs: lists(inputs),
    outputs: lists(outputs),
    metrics: { ...card.metrics },
    isReleased,
  }
}
