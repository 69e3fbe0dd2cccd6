import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { MeterNamedTwiceError } from '../../schemas/errors/meter.ts'
import { NotJsonError, RequestShapeError } from '../../schemas/errors/request.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { writeMemberships } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { describedMeters, describedOnly } from './describeRoutes.ts'
import { changeMeter, isSame, type MeterChange, meterChange } from './meterChange.ts'
import type { MeterRegistry } from './registry.ts'

const metersBody = z.array(meterChange).max(ingestLimits.rowsMax)

const bodyBytesMax = 16 << 20

type MeterRoutesOptions = {
  readonly views: Views
  readonly clock: Clock
  readonly registry: MeterRegistry
}

/** `POST /api/v1/meters`: enrols or changes meters, one request at a time; idempotent. */
export function registerMeterRoutes(scope: FastifyInstance, options: MeterRoutesOptions): void {
  const schema = describedMeters(metersBody)
  const config = { problems: ['zero-account', 'not-acknowledged', 'too-slow'] } as const
  const route = { bodyLimit: bodyBytesMax, config, schema, ...describedOnly }
  let last: Promise<unknown> = Promise.resolve()
  scope.post('/api/v1/meters', route, (request) => {
    const enrolled = last.then(() => enrol(options, request))
    last = enrolled.catch(() => {})
    return enrolled
  })
}

async function enrol(options: MeterRoutesOptions, request: FastifyRequest) {
  const { registry, views } = options
  const changes = readChanges(request.body)
  // Enrolled elsewhere meanwhile: what is not said must stay as it is there.
  await registry.refresh(true)
  const meters = changes.map((each) => changeMeter(registry.get(each.meter) ?? null, each))
  const changed = meters.filter((each) => !isSame(each, registry.get(each.meter)))
  if (changed.length > 0) {
    const version = await nextVersion(options)
    const touched = [...changed, ...besides(registry, changed)]
    await views.insert(
      'meters',
      touched.map((each) => rowOf(each, version)),
    )
    registry.add(changed)
  }
  return { enrolled: changed.length, unchanged: meters.length - changed.length }
}

/**
 * The other meters of the sites that a change touches: how they are summed may depend on it, so
 * their records get its version too, by which a recompute finds the days of their readings.
 */
function besides(registry: MeterRegistry, changed: readonly Meter[]): Meter[] {
  const sites = new Set(changed.map(({ site }) => site))
  for (const { meter } of changed) sites.add(registry.get(meter)?.site ?? meter)
  const names = new Set(changed.map(({ meter }) => meter))
  return [...registry.all()].filter(({ meter, site }) => sites.has(site) && !names.has(meter))
}

/**
 * Above every stored version, so that a recompute finds the change and no former record outlives
 * it: the clock alone may step back, or show the same millisecond twice.
 */
async function nextVersion({ views, clock }: MeterRoutesOptions): Promise<number> {
  const nowMs = clock.nowMs()
  const later = await views.query('meter_versions', { version: nowMs })
  return later.reduce((next, { version }) => Math.max(next, version + 1), nowMs)
}

function readChanges(body: unknown): MeterChange[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(body as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
  const parsed = metersBody.safeParse(value)
  if (!parsed.success) throw new RequestShapeError('body', parsed.error.issues)
  const names = new Set<MeterId>()
  for (const { meter } of parsed.data) {
    if (names.has(meter)) throw new MeterNamedTwiceError({ meter })
    names.add(meter)
  }
  return parsed.data
}

function rowOf(meter: Meter, version: number) {
  return {
    meter: meter.meter,
    version,
    site: meter.site,
    kind: meter.kind,
    zone: meter.zone,
    groups: writeMemberships(meter.groups),
    interval_s: meter.intervalS,
    account: meter.account ?? '',
  }
}
