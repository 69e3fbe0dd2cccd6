import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { emptyCounters, type IngestCounters } from '../../../schemas/reading/reading.ts'
import { readingsTopic } from '../../../schemas/topics.ts'
import type { Status } from '../../shapes/status.ts'

export type Metrics = { readonly contentType: string; read(): Promise<string> }

export type AddMetricsParameters = {
  readonly readStatus: () => Promise<Status>
  readonly countClients: () => number
}

/** Counts requests, and exports the status to Prometheus on each scrape. */
export function addMetrics(app: FastifyInstance, parameters: AddMetricsParameters): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'wattproof_' })
  countRequests(app, registry)
  const gauges = makeGauges(registry)
  return {
    contentType: registry.contentType,
    async read() {
      setGauges(gauges, await parameters.readStatus())
      gauges.clients.set(parameters.countClients())
      return registry.metrics()
    },
  }
}

function countRequests(app: FastifyInstance, registry: Registry): void {
  const registers = [registry]
  const requests = new Counter({
    name: 'wattproof_requests_total',
    help: 'Requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'wattproof_request_seconds',
    help: 'Time to answer, by route',
    labelNames: ['route'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  // By a text of their labels: to hash them as objects, for each request, takes 2 µs.
  const known = new Map<string, ReturnType<typeof ofLabels>>()
  const ofLabels = (route: string, method: string, status: number) => ({
    requests: requests.labels({ route, method, status }),
    seconds: seconds.labels({ route }),
  })
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern, not the address: labels must not grow with the requests.
    const route = request.routeOptions.url ?? 'none'
    const { method } = request
    const { statusCode } = reply
    const name = `${method} ${statusCode} ${route}`
    const own = known.get(name) ?? ofLabels(route, method, statusCode)
    known.set(name, own)
    own.requests.inc()
    own.seconds.observe(reply.elapsedTime / 1000)
    done()
  })
}

type Gauges = ReturnType<typeof makeGauges>

function makeGauges(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `wattproof_${name}`, help, labelNames, registers: [registry] })
  return {
    counters: gauge('readings_total', 'Readings by outcome', ['layer', 'outcome']),
    lag: gauge('lag_records', 'Records that wait', ['group', 'topic', 'partition']),
    stalled: gauge('lag_stalled_seconds', 'Records wait and none is read, from 30 s on', [
      'group',
      'topic',
      'partition',
    ]),
    idle: gauge('partition_idle_seconds', 'Read whole, and nothing came since; 0: not idle', [
      'partition',
    ]),
    watermarkAge: gauge('watermark_age_seconds', "Watermark's age on the installation's clock", []),
    highWater: gauge('batch_high_water_seconds', 'High-water mark, Unix time', []),
    generation: gauge('batch_generation', 'Published batch generation', []),
    shown: gauge('speed_generation', 'Generation of which all live rows are published', []),
    held: gauge('batch_held_seconds', 'Later high-water marks are held back by an operator', []),
    dirtyDays: gauge('batch_dirty_days', 'Published days with later readings', []),
    dirtyMeters: gauge('batch_dirty_meters', 'Meters of those days', []),
    dirtyAge: gauge('batch_dirty_seconds', 'Since when published days have later readings', []),
    chainHead: gauge('chain_head_block', 'Newest block', []),
    chainFinalized: gauge('chain_finalized_block', 'Newest finalised block', []),
    layer: gauge('layer_ok', '1 while a layer is ok', ['layer']),
    statusOld: gauge('status_old_seconds', 'Age of what the stores said last; 0: now', []),
    clients: gauge('stream_clients', 'Clients of the live stream', []),
  }
}

const outcomes = Object.keys(emptyCounters) as (keyof IngestCounters)[]

function setGauges(gauges: Gauges, status: Status): void {
  const { now, oldSince, dirtyDays } = status
  const ageS = (since: string | null | undefined) =>
    since ? Math.max(0, Date.parse(now) - Date.parse(since)) / 1000 : 0
  gauges.statusOld.set(ageS(oldSince))
  gauges.held.set(ageS(status.generation?.heldSince))
  gauges.dirtyDays.set(dirtyDays?.days ?? 0)
  gauges.dirtyMeters.set(dirtyDays?.meters ?? 0)
  gauges.dirtyAge.set(ageS(dirtyDays?.since))
  for (const outcome of outcomes) {
    gauges.counters.set({ layer: 'archive', outcome }, status.readings[outcome])
    gauges.counters.set({ layer: 'speed', outcome }, status.speed[outcome])
  }
  for (const { group, topic, partition, records, stalledS } of status.lag) {
    const labels = { group, topic, partition: String(partition) }
    gauges.lag.set(labels, records)
    gauges.stalled.set(labels, stalledS ?? 0)
  }
  const idleSince = new Map(status.idlePartitions.map((each) => [each.partition, each.since]))
  for (const { group, topic, partition } of status.lag) {
    if (group !== 'archive' || topic !== readingsTopic) continue
    gauges.idle.set({ partition: String(partition) }, ageS(idleSince.get(partition)))
  }
  for (const [layer, { state }] of Object.entries(status.layers)) {
    gauges.layer.set({ layer }, state === 'ok' ? 1 : 0)
  }
  const shown = status.watermarks.map((each) => each.generation)
  if (shown.length > 0) gauges.shown.set(Math.max(...shown))
  if (status.lagMs !== null) gauges.watermarkAge.set(status.lagMs / 1000)
  if (status.generation) {
    gauges.generation.set(status.generation.generation)
    gauges.highWater.set(Date.parse(status.generation.highWater) / 1000)
  }
  if (status.chain) {
    gauges.chainHead.set(status.chain.head)
    gauges.chainFinalized.set(status.chain.finalized)
  }
}
