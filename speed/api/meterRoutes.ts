import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { MeterNamedTwiceError, ZeroAccountError } from '../../schemas/errors/meter.ts'
import { NotJsonError, RequestShapeError } from '../../schemas/errors/request.ts'
import { type Address, isMeterId, type MeterId } from '../../schemas/ids.ts'
import { defaultKind, meterKinds } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { localDayOf } from '../../schemas/time.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { describedMeters, describedOnly } from './describeRoutes.ts'
import type { MeterRegistry } from './registry.ts'

const name = z.string().refine(isMeterId, '1 to 64 of A-Z a-z 0-9 _ . : -')
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hexadecimal digits')
/** Tokens refuse transfers to this address, so a settlement line to it could never be paid. */
const zeroAddress: Address = `0x${'0'.repeat(40)}`

const meterBody = z.strictObject({
  meter: name.transform((text) => text as MeterId),
  site: name.optional(),
  kind: z.enum(meterKinds).default(defaultKind),
  zone: z.string().max(64),
  group: name,
  intervalS: z.int().min(1).max(ingestLimits.durationSMax),
  account: address
    .transform((text) => text.toLowerCase() as Address)
    .nullish()
    .transform((account) => account ?? null),
})
const metersBody = z.array(meterBody).max(ingestLimits.rowsMax)

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
  const meters = readMeters(request.body)
  if (meters.some((each) => !registry.get(each.meter))) await registry.refresh()
  const changed = meters.filter((each) => !isSame(each, registry.get(each.meter)))
  if (changed.length > 0) {
    const version = await nextVersion(options)
    await views.insert(
      'meters',
      changed.map((each) => rowOf(each, version)),
    )
    registry.add(changed)
  }
  return { enrolled: changed.length, unchanged: meters.length - changed.length }
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

function readMeters(body: unknown): Meter[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(body as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
  const parsed = metersBody.safeParse(value)
  if (!parsed.success) throw new RequestShapeError('body', parsed.error.issues)
  const unpaid = parsed.data.find(({ account }) => account === zeroAddress)
  if (unpaid) throw new ZeroAccountError({ meter: unpaid.meter })
  const names = new Set<MeterId>()
  for (const { meter } of parsed.data) {
    if (names.has(meter)) throw new MeterNamedTwiceError({ meter })
    names.add(meter)
  }
  // Throws an error with a clear message for an unknown zone.
  for (const zone of new Set(parsed.data.map((each) => each.zone))) localDayOf(0, zone)
  return parsed.data.map((each) => ({ ...each, site: each.site ?? each.meter }))
}

function isSame(left: Meter, right: Meter | undefined): boolean {
  return (
    left.site === right?.site &&
    left.kind === right.kind &&
    left.zone === right.zone &&
    left.group === right.group &&
    left.intervalS === right.intervalS &&
    left.account === right.account
  )
}

function rowOf(meter: Meter, version: number) {
  return {
    meter: meter.meter,
    version,
    site: meter.site,
    kind: meter.kind,
    zone: meter.zone,
    group_id: meter.group,
    interval_s: meter.intervalS,
    account: meter.account ?? '',
  }
}
