import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { expectDeclaredKinds } from '../../deploy/testing/expectDeclaredKinds.ts'
import { clock, ndjson, openReadingsApi, row } from '../testing/readingsApi.ts'
import { registerReadingsRoutes } from './readingsRoutes.ts'
import { createMeterRegistry } from './registry.ts'

const { close, counts, log, url } = await openReadingsApi()
afterAll(close)

test('clients are asked to retry while the store refuses our password', async () => {
  const rotated = new URL(url)
  rotated.password = 'rotated'
  const views = await openClickHouseViews({ url: rotated.href })
  const lines: string[] = []
  const api = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  expectDeclaredKinds(api)
  // After a restart nothing is known: the first reading asks the store for the meters.
  const registry = createMeterRegistry(views)
  registerReadingsRoutes(api, { log, views, clock, registry, partitions: 2 })
  const before = await counts()
  const response = await api.inject({
    ...{ method: 'POST', url: '/api/v1/readings', headers: { 'content-type': ndjson } },
    payload: JSON.stringify(row),
  })
  await api.close()
  await views.close()

  expect(response.statusCode).toBe(503)
  expect(response.headers['retry-after']).toBe('1')
  const problem = response.json<Record<string, string>>()
  expect(Object.keys(problem).sort()).toEqual(['detail', 'instance', 'status', 'title', 'type'])
  expect(problem.type).toBe('urn:wattproof:problem:configuration')
  expect(problem.detail).not.toMatch(/password|VIEWS_URL|wattproof:/)
  expect(lines.join('')).toContain('check user and password of VIEWS_URL')
  expect(await counts()).toEqual(before)
})
