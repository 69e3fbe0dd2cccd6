import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import * as z from 'zod'
import {
  EnrolmentsBusyError,
  EnrolmentsDroppedError,
  MeterNamedTwiceError,
} from '../../schemas/errors/meter.ts'
import { NotJsonError, RequestShapeError } from '../../schemas/errors/request.ts'
import { isMeterId, type MeterId } from '../../schemas/ids.ts'
import { checkParent, type GroupParent, inheritGroups } from '../../schemas/meter/groupTree.ts'
import { writeMemberships } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { insertRowsMax, onceKeysMax } from '../../schemas/ports/views.ts'
import { type EpochMs, localDayNamed } from '../../schemas/time.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { type CheckStepsOptions, checkSteps } from './checkSteps.ts'
import { describedGroups, describedMeters, describedOnly } from './describeRoutes.ts'
import { groupBy } from './groupBy.ts'
import { changeMeter, isSame, type MeterChange, meterChange } from './meterChange.ts'
import type { MeterRegistry } from './registry.ts'

const metersBody = z.array(meterChange).max(ingestLimits.rowsMax)

const groupText = z.string().refine(isMeterId, 'a group by its id: north, feeder:F1')
const groupsBody = z
  .array(
    z.strictObject({
      group: groupText,
      parent: groupText.nullable().describe('group that it is part of; null: of none'),
      from: z.iso.date().optional().describe('local date from which; always without'),
    }),
  )
  .max(ingestLimits.rowsMax)

const bodyBytesMax = 16 << 20

type MeterRoutesOptions = CheckStepsOptions & {
  readonly clock: Clock
  readonly registry: MeterRegistry
}

/** `POST /api/v1/meters` and `/groups`: one request at a time, idempotent. */
export function registerMeterRoutes(scope: FastifyInstance, options: MeterRoutesOptions): void {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>) => {
    const done = last.then(act)
    last = done.catch(() => {})
    return done
  }
  const config = { problems: ['zero-account', 'not-acknowledged', 'too-slow'] } as const
  const add = (path: string, schema: FastifySchema, act: Act) => {
    const route = { bodyLimit: bodyBytesMax, config, schema, ...describedOnly }
    scope.post(path, route, (request) => inTurn(() => act(options, request)))
  }
  add('/api/v1/meters', describedMeters(metersBody), enrol)
  add('/api/v1/groups', describedGroups(groupsBody), setParents)
}

type Act = (options: MeterRoutesOptions, request: FastifyRequest) => Promise<object>

async function enrol(options: MeterRoutesOptions, request: FastifyRequest) {
  const { registry, views } = options
  const changes = readBody(metersBody, request.body)
  refuseTwice(changes)
  const enrolled = await putMeters(options, async () => {
    const parents = await views.query('group_parents')
    const meters = changes.map((each) => {
      const changed = changeMeter(registry.get(each.meter) ?? null, each)
      return { ...changed, groups: inheritGroups(changed.groups, parents) }
    })
    const changed = meters.flatMap((now) => {
      const known = registry.get(now.meter)
      return known ? [{ known, now }] : []
    })
    await checkSteps(options, changed)
    return meters
  })
  return { enrolled, unchanged: changes.length - enrolled }
}

/** Makes groups part of others; their meters' records name those too. */
async function setParents(options: MeterRoutesOptions, request: FastifyRequest) {
  const { registry, views } = options
  const changes = readBody(groupsBody, request.body)
  await registry.refresh(true)
  const known = await views.query('group_parents')
  const places = new Map(known.map((each) => [placeOf(each), each]))
  const now = changes.map(({ group, parent, from }) => {
    checkParent({ group, parent })
    return { group, parent, fromMs: startOf(from, zoneOfGroup(registry, group)) }
  })
  const changed = now.filter((each) => places.get(placeOf(each))?.parent !== each.parent)
  // The parents first: where the second insert fails, the same request again completes it.
  if (changed.length > 0) {
    const version = nextVersion(options)
    const rows = changed.map(({ group, fromMs, parent }) => {
      return { group_id: group, start: fromMs, version, parent: parent ?? '' }
    })
    await views.insert('group_parents', rows)
  }
  const enrolled = await putMeters(options, async () => {
    const parents = await views.query('group_parents')
    return [...registry.all()].map((meter) => {
      return { ...meter, groups: inheritGroups(meter.groups, parents) }
    })
  })
  return { changed: changed.length, unchanged: now.length - changed.length, meters: enrolled }
}

function placeOf({ group, fromMs }: GroupParent): string {
  return `${group} ${fromMs}`
}

/** A group's dates are those of its meters, or UTC where these have several zones. */
function zoneOfGroup(registry: MeterRegistry, group: string): string {
  const members = [...registry.all()].filter(({ groups }) =>
    groups.some((one) => one.group === group),
  )
  const zones = new Set(members.map(({ zone }) => zone))
  return zones.size === 1 ? [...zones][0]! : 'UTC'
}

/** Without a date: from the first instant that readings can be of. */
function startOf(date: string | undefined, zone: string): EpochMs {
  return date === undefined ? 0 : localDayNamed(date, zone).startMs
}

/**
 * Writes what differs from what is enrolled, until nothing does; returns of how many meters.
 *
 * Another process may enrol at once. Of several inserts that follow one version the store keeps the
 * first, and who sent another decides again by what is there then. So no version is of two inserts,
 * and a reader that has seen one has seen all of it; and no change is lost to one of another field.
 *
 * @throws EnrolmentsBusyError when others were first too often.
 * @throws EnrolmentsDroppedError when the store keeps nobody's insert.
 */
async function putMeters(
  { registry, views, clock }: MeterRoutesOptions,
  decide: () => Promise<readonly Meter[]>,
): Promise<number> {
  const put = new Set<MeterId>()
  let turn: Turn = { revision: -1, tries: 0, turns: 0 }
  for (;;) {
    // Enrolled elsewhere meanwhile: what is not said must stay as it is there.
    await registry.refresh(true)
    // Before the decision, in which others of this process may read what is newer.
    turn = nextTurn(turn, registry.revision())
    const meters = await decide()
    const changed = meters.filter((each) => !isSame(each, registry.get(each.meter)))
    if (changed.length === 0) return put.size
    for (const { meter } of changed) put.add(meter)
    const version = nextVersion({ registry, clock })
    const rows = firstOf(registry, changed).map((each) => rowOf(each, version))
    await views.insert('meters', rows, { onceKey: `after ${turn.revision}/${turn.tries}` })
  }
}

/** The version that an insert follows, how many of its keys are used up, and versions so far. */
type Turn = { readonly revision: number; readonly tries: number; readonly turns: number }

/** Others were first as often as this: they do nothing else. */
const turnsMax = 1_000

/**
 * Without anything newer after an insert its key was used up, and not by rows that are stored. All
 * processes try the keys of a version from the first one on, so that only one of them is followed.
 */
function nextTurn(last: Turn, revision: number): Turn {
  const isUsedUp = revision === last.revision
  const tries = isUsedUp ? last.tries + 1 : 0
  const turns = isUsedUp ? last.turns : last.turns + 1
  if (tries >= onceKeysMax) throw new EnrolmentsDroppedError({ tries, revision })
  if (turns > turnsMax) throw new EnrolmentsBusyError({ turns: turnsMax })
  return { revision, tries, turns }
}

/**
 * As many as one insert stores at once, each with the other meters of its former and its new site:
 * how these are summed may depend on it, so they get its version too, by which a recompute finds
 * the days of their readings, also where the next insert fails.
 */
function firstOf(registry: MeterRegistry, changed: readonly Meter[]): readonly Meter[] {
  const sitesOf = (each: Meter) =>
    new Set([each.site, registry.get(each.meter)?.site ?? each.meter])
  const asked = new Set(changed.flatMap((each) => [...sitesOf(each)]))
  const ofSites: Meter[] = []
  for (const each of registry.all()) if (asked.has(each.site)) ofSites.push(each)
  const bySite = groupBy(ofSites, ({ site }) => site)
  const names = new Set(changed.map(({ meter }) => meter))
  const first = new Map<MeterId, Meter>()
  for (const each of changed) {
    const sites = sitesOf(each)
    const beside = [...sites].flatMap((site) => bySite.get(site) ?? [])
    const own = [...beside.filter(({ meter }) => !names.has(meter)), each]
    const more = own.filter(({ meter }) => !first.has(meter))
    if (first.size > 0 && first.size + more.length > insertRowsMax) break
    for (const one of more) first.set(one.meter, one)
  }
  return [...first.values()]
}

/** Above every stored version: the clock may step back, or show the same millisecond twice. */
function nextVersion({ registry, clock }: Pick<MeterRoutesOptions, 'registry' | 'clock'>): number {
  return Math.max(clock.nowMs(), registry.revision() + 1)
}

function readBody<T>(shape: z.ZodType<T>, body: unknown): T {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(body as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new RequestShapeError('body', parsed.error.issues)
}

function refuseTwice(changes: readonly MeterChange[]): void {
  const names = new Set<MeterId>()
  for (const { meter } of changes) {
    if (names.has(meter)) throw new MeterNamedTwiceError({ meter })
    names.add(meter)
  }
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
    steps: JSON.stringify(meter.steps),
  }
}
