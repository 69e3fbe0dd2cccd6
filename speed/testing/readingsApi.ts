import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { openLmdbLog } from '../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { expectDeclaredKinds } from '../../deploy/testing/expectDeclaredKinds.ts'
import { startTestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { registerReadingsRoutes } from '../api/readingsRoutes.ts'
import { createMeterRegistry } from '../api/registry.ts'

export const now = Date.parse('2013-02-12T00:00Z')
export const clock: Clock = {
  nowMs: () => now,
  elapsedMs: () => performance.now(),
  sleep: async () => {},
}
export const row = { meter: 'A', start: '2013-02-11T16:30Z', duration_s: 1800, energy_wh: 0.1 }
export const ndjson = 'application/x-ndjson'

type Sent = {
  readonly type: string
  readonly payload: string | Buffer
  readonly key?: string
  readonly api?: FastifyInstance | undefined
}

/** The routes of readings over a real log and store, with the meters A to D enrolled. */
export async function openReadingsApi() {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-readings-'))
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const partitions = { [readingsTopic]: 2, [rejectedTopic]: 1 }
  const log = await openLmdbLog({ dir, partitions })

  /** One more process: it remembers no key, and has the same log and store. */
  async function openApi(limits = {}, time = clock, store = views): Promise<FastifyInstance> {
    const api = Fastify()
    expectDeclaredKinds(api)
    const registry = createMeterRegistry(store)
    registerReadingsRoutes(api, { log, views: store, clock: time, registry, partitions: 2, limits })
    await api.ready()
    return api
  }
  const app = await openApi()

  function post(url: string, { type, payload, key, api = app }: Sent) {
    const headers = { 'content-type': type, ...(key ? { 'idempotency-key': key } : {}) }
    return api.inject({ method: 'POST', url, headers, payload })
  }

  /** Records in the log by now. */
  async function counts() {
    const ends = async (topic: string) =>
      (await log.progress('speed', topic)).reduce((sum, { end }) => sum + end, 0)
    return { readings: await ends(readingsTopic), rejected: await ends(rejectedTopic) }
  }

  async function close(): Promise<void> {
    await app.close()
    await log.close()
    await views.close()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }

  const meters = ['A', 'B', 'C', 'D'].map((meter) => {
    return { meter, zone: 'Europe/London', group: 'G', intervalS: 1800 }
  })
  const body = { type: 'application/json', payload: JSON.stringify(meters) }
  const enrolled = await post('/api/v1/meters', body)
  if (enrolled.statusCode !== 200) throw new Error(`${enrolled.statusCode} ${enrolled.body}`)
  return { dir, url: server.url, log, views, app, openApi, post, counts, close }
}
