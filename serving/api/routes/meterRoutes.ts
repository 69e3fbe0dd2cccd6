import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { MeterOrGroupError } from '../../../schemas/errors/view.ts'
import type { Meter } from '../../../schemas/meter/meter.ts'
import { readEnrolled } from '../../../schemas/ports/enrolled.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import { meanPowerW } from '../../../schemas/units.ts'
import {
  boundNames,
  describeGroups,
  nextMoveMs,
  redescribeGroups,
} from '../../merge/describeGroups.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import { type Forecasts, forecasts, type Groups, groups } from '../../shapes/views.ts'
import { wantToken } from '../http/access.ts'
import { addRoute } from '../http/addRoute.ts'
import { groupQuery, instantQuery, meterQuery, wholeText } from '../http/queryShapes.ts'
import { remember } from '../http/remember.ts'
import type { ApiContext } from '../read/apiPorts.ts'

const hourMs = 3_600_000
const intervalsMax = 20_000

const forecastQuery = z.strictObject({
  meter: meterQuery,
  group: groupQuery,
  from: instantQuery.optional(),
  /** Hours ahead. */
  horizon: wholeText.refine((hours) => hours >= 1 && hours <= 48, '1 to 48').default(48),
})

/** `/forecasts` and `/groups`. */
export function addMeterRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/forecasts',
    id: 'getForecasts',
    problems: ['range'],
    tag: 'views',
    summary: 'Hours ahead of a group (all meters without one); of one meter with the token',
    access: 'either',
    query: forecastQuery,
    answer: forecasts,
    hasETag: true,
    handle({ query, isTrusted, request }) {
      if (query.meter !== undefined) wantToken(request)
      return readForecasts(api, query, isTrusted)
    },
  })
  const readGroups = rememberGroups(api)
  // Strangers together ask the store once a second.
  const openGroups = remember({ freshMs: 1_000 }, async () => (await readGroups()).open)
  addRoute(app, {
    method: 'GET',
    path: '/groups',
    id: 'listGroups',
    tag: 'views',
    summary: 'Groups with their sizes; their meters with the token',
    access: 'either',
    answer: groups,
    hasETag: true,
    async handle({ isTrusted }) {
      return isTrusted ? (await readGroups()).named : openGroups()
    },
  })
}

type KnownGroups = {
  readonly meters: readonly Meter[]
  readonly fromMs: EpochMs
  readonly untilMs: EpochMs
  readonly groups: Groups
  /** With meters, for who has the token; and without. */
  readonly named: Groups
  readonly open: Groups
}

/** Described again when a meter changed or moved: of very many meters that takes a while. */
function rememberGroups({ views, clock }: ApiContext): () => Promise<KnownGroups> {
  let kept: KnownGroups | null = null
  return async () => {
    const meters = await readEnrolled(views)
    const atMs = clock.nowMs()
    const isKept = kept?.meters === meters && kept.fromMs <= atMs && atMs < kept.untilMs
    if (kept && isKept) return kept
    const now = { meters, atMs, isTrusted: true }
    const isMoved = !kept || atMs < kept.fromMs || atMs >= kept.untilMs
    const groups = kept && !isMoved ? redescribeGroups(kept, now) : describeGroups(now)
    const open = { groups: groups.groups.map(({ meters: _, ...each }) => each) }
    const untilMs = nextMoveMs(meters, atMs)
    kept = { meters, fromMs: atMs, untilMs, groups, named: boundNames(groups), open }
    return kept
  }
}

async function readForecasts(
  { views, clock }: ApiContext,
  query: z.infer<typeof forecastQuery>,
  isTrusted: boolean,
): Promise<Forecasts> {
  const { meter, group, horizon } = query
  if (meter !== undefined && group !== undefined) throw new MeterOrGroupError()
  const startMs = query.from === undefined ? clock.nowMs() : Date.parse(query.from)
  const endMs = startMs + horizon * hourMs
  const asked = { group: group ?? '', from_ms: startMs, to_ms: endMs, limit: intervalsMax }
  const rows =
    meter === undefined
      ? await views.query('view_group_forecast', asked)
      : await views.query('forecast', { ...asked, meter })
  const intervals = rows
    .map((row) => ({
      start: isoUtc(row.start_ms),
      durationS: row.duration_s,
      forecastMwh: row.forecast_mwh,
      forecastW: meanPowerW(row.forecast_mwh, row.duration_s),
      members: 'members' in row ? row.members : 1,
      model: row.model,
      flag: row.flag,
    }))
    .filter((each) => isTrusted || isOpenSum(each.members))
  return {
    meter: meter ?? null,
    group: group ?? null,
    from: isoUtc(startMs),
    to: isoUtc(endMs),
    intervals,
  }
}
