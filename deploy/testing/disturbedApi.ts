import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { seededRandom } from '../simulate/random.ts'

/**
 * One process of the API for readings over the log in a folder and the store at a URL. It kills
 * itself before or after its so-many-th call of a port, or waits a little before each: so tests
 * reach every instant between two effects, and interleave two processes.
 */
export type Disturbance = {
  /** An odd number 2n-1 is before the n-th call from now, an even one 2n after it; 0 never. */
  readonly killAt: number
  /** '' for no pauses. */
  readonly pauseSeed: string
}

const [, , dir = '', url = ''] = process.argv
const pauseMsMax = 30
let disturbed: Disturbance = { killAt: 0, pauseSeed: '' }
let random = seededRandom('')
let moments = 0

process.on('message', (given: Disturbance) => {
  disturbed = given
  random = seededRandom(given.pauseSeed)
  moments = 0
  process.send!({ disturbed: true })
})
process.once('disconnect', () => process.exit(0))

const views = await openClickHouseViews({ url })
const log = await openLmdbLog({ dir, partitions: { [readingsTopic]: 2, [rejectedTopic]: 1 } })
const ports = { views: slow(views, ['query', 'insert']), log: slow(log, ['append']) }
const clock = systemClock()
const app = Fastify({ forceCloseConnections: true })
const registry = createMeterRegistry(ports.views)
registerReadingsRoutes(app, { ...ports, clock, registry, partitions: 2 })
await app.listen({ host: '127.0.0.1', port: 0 })
process.send!({ port: (app.server.address() as AddressInfo).port })

function slow<Port extends object>(port: Port, names: readonly string[]): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown
      if (typeof own !== 'function') return own
      if (!names.includes(String(name))) return own.bind(target)
      return async (...given: unknown[]) => {
        if (disturbed.pauseSeed !== '') await sleep(random.below(pauseMsMax))
        passMoment()
        const answer = await own.apply(target, given)
        passMoment()
        return answer
      }
    },
  })
}

function passMoment(): void {
  moments += 1
  if (moments === disturbed.killAt) process.kill(process.pid, 'SIGKILL')
}
