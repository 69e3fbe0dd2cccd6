import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Fastify from 'fastify'
import { registerReadingsRoutes } from '../../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../../speed/api/registry.ts'
import { systemClock } from '../../engines/clock/systemClock.ts'
import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../engines/views/clickhouseViews.ts'
import { openPartialApi, testToken } from '../../testing/testApi.ts'
import { meterName, metersOfBench } from './requestTexts.ts'

/**
 * The server that `senders.ts` measures, in a process of its own: the API and its log over the
 * store at a URL, or, without one, a bare Fastify that reads the body and answers 202. Sends its
 * port, and its CPU time whenever it is asked.
 */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!({ cpuS: (user + system) / 1e6 })
})

const [, , url] = process.argv
const app = url === undefined ? openBare() : await openApi(url)
await app.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 })
process.send!({ port: (app.server.address() as AddressInfo).port })

function openBare() {
  const bare = Fastify({ forceCloseConnections: true })
  bare.post('/api/v1/readings', (_, reply) => reply.code(202).send({ queued: 1 }))
  process.once('disconnect', () => void bare.close())
  return bare
}

async function openApi(url: string) {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-senders-'))
  const views = await openClickHouseViews({ url })
  const log = await openLmdbLog({
    dir,
    partitions: { 'readings.v1': 2, 'readings.v1.rejected': 1 },
  })
  await views.insert(
    'meters',
    Array.from({ length: metersOfBench }, (_, index) => ({
      ...{ meter: meterName(index), version: 1, zone: 'Europe/London', groups: 'G' },
      ...{ interval_s: 1, account: '' },
    })),
  )
  const clock = systemClock()
  const registry = createMeterRegistry(views)
  const app = await openPartialApi({
    ...{ views, log, clock, token: testToken },
    // As in `serve`: what is not logged has its cost too.
    logger: { level: 'info', stream: { write: () => {} } },
    extensions: [
      (scope) => registerReadingsRoutes(scope, { log, views, clock, registry, partitions: 2 }),
    ],
  })
  process.once('disconnect', async () => {
    await app.close()
    await Promise.all([log.close(), views.close()])
    rmSync(dir, { recursive: true, force: true })
  })
  return app
}
