import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { windowStarts } from '../../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../../schemas/baseline/methods.ts'
import { TooManyToCompareError } from '../../../schemas/errors/view.ts'
import {
  type DrEvent,
  type EventProgress,
  eventStates,
  memberIntervalsMax,
} from '../../../schemas/event.ts'
import type { EventId, MeterId } from '../../../schemas/ids.ts'
import type { TimeRange } from '../../../schemas/time.ts'
import { type CompareEventReturnType, compareEvent, withTotals } from '../../merge/compareEvent.ts'
import { describeEvent } from '../../merge/describeEvent.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import { reconcileEvent } from '../../merge/reconcileEvent.ts'
import { settledRows } from '../../merge/settledRows.ts'
import type { ComparedRow } from '../../merge/sumRows.ts'
import type { EventDraft } from '../../programme/commands.ts'
import { metersOf } from '../../settlement/sumTerms.ts'
import { eventIdText } from '../../shapes/common.ts'
import {
  event,
  eventBody,
  eventDeviations,
  events,
  type Reconciliation,
  reconciliation,
} from '../../shapes/events.ts'
import { readMerged } from '../../store/readMetered.ts'
import { addRoute } from '../http/addRoute.ts'
import { limitQuery } from '../http/queryShapes.ts'
import { remember, shareReads } from '../http/remember.ts'
import type { ApiContext } from '../read/apiPorts.ts'

/** The id of an event in a path. */
export const eventParams = z.strictObject({
  id: eventIdText.transform((text) => text as EventId),
})

/** `/events`, one event, its load against its baseline, and its two figures. */
export function addEventRoutes(app: FastifyInstance, api: ApiContext): void {
  const readNumbers = remember({ freshMs: 500 }, () => api.events.settlementNumbers())
  const describe = async (progress: EventProgress, isTrusted: boolean) => {
    const settlementNumber = (await readNumbers()).get(progress.event.id) ?? null
    return describeEvent({ progress, settlementNumber, isTrusted })
  }
  addRoute(app, {
    method: 'GET',
    path: '/events',
    id: 'listEvents',
    tag: 'events',
    summary: 'Events, the newest first; their members with the token',
    access: 'either',
    query: z.strictObject({
      limit: limitQuery(1_000, 100),
      page: z.string().min(1).max(200).optional().describe('`next` of the page before'),
    }),
    problems: ['range'],
    answer: events,
    hasETag: true,
    async handle({ query, isTrusted }) {
      const [{ events: listed, next }, settlementNumbers] = await Promise.all([
        api.events.page(query.limit, query.page),
        readNumbers(),
      ])
      const described = listed.map((progress) => {
        const settlementNumber = settlementNumbers.get(progress.event.id) ?? null
        return describeEvent({ progress, settlementNumber, isTrusted })
      })
      return { events: described, next }
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/events',
    id: 'createEvent',
    problems: ['event-terms', 'not-found'],
    tag: 'events',
    summary: 'Announces an event; the same again changes nothing',
    access: 'token',
    body: eventBody,
    status: 201,
    answer: event,
    async handle({ body, reply }) {
      const progress = await api.commands.createEvent(draftOf(body))
      void reply.header('location', `/api/v1/events/${progress.event.id}`)
      return describe(progress, true)
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/events/:id',
    id: 'getEvent',
    tag: 'events',
    summary: 'One event and how far it has come; its members with the token',
    access: 'either',
    params: eventParams,
    answer: event,
    hasETag: true,
    handle: async ({ params, isTrusted }) => describe(await api.events.one(params.id), isTrusted),
  })
  addComparisons(app, api)
}

function addComparisons(app: FastifyInstance, api: ApiContext): void {
  const ofHolders = shareReads(sharing, (id) => readCompared(api, id as EventId))
  // Strangers wait for one another, and never take a slot of a holder of the token.
  const ofStrangers = shareReads(sharing, (id) => readCompared(api, id as EventId))
  addRoute(app, {
    method: 'GET',
    path: '/events/:id/deviations',
    id: 'getEventDeviations',
    problems: ['range'],
    tag: 'events',
    summary: 'Load against baseline from before the adjustment window to after the end',
    access: 'either',
    params: eventParams,
    answer: eventDeviations,
    hasETag: true,
    async handle({ params, isTrusted }) {
      // An event that does not exist takes no turn.
      await api.events.one(params.id)
      const compared = isTrusted ? ofHolders : ofStrangers
      const { members, ...open } = await compared(params.id)
      if (isTrusted) return { ...open, members }
      // Totals too are of the open intervals: otherwise the difference would reveal the others.
      return { ...open, ...withTotals(open.intervals.filter((each) => isOpenSum(each.members))) }
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/events/:id/reconciliation',
    id: 'getEventReconciliation',
    problems: ['range'],
    tag: 'events',
    summary: "The speed layer's figure against the settled one; members with the token",
    access: 'either',
    params: eventParams,
    answer: reconciliation,
    hasETag: true,
    handle: ({ params, isTrusted }) => readReconciliation(api, params.id, isTrusted),
  })
}

export function draftOf(body: z.output<typeof eventBody>): EventDraft {
  const { terms } = body
  return {
    id: body.id as EventId,
    terms: {
      ...terms,
      priceMicrosPerKwh: BigInt(terms.priceMicrosPerKwh),
      penaltyMicrosPerKwh: BigInt(terms.penaltyMicrosPerKwh),
    },
    startMs: Date.parse(body.start),
    endMs: Date.parse(body.end),
    participants: body.participants as MeterId[],
    controls: body.controls as MeterId[],
    excludedDates: body.excludedDates,
    holidays: body.holidays,
  }
}

const aroundMs = 2 * 3_600_000
/** Each comparison reads many rows, so few run at once and callers share them. */
const sharing = { freshMs: 1_000, keysMax: 16 } as const

async function readCompared(api: ApiContext, id: EventId): Promise<CompareEventReturnType> {
  const [progress, committedInputs, record] = await Promise.all([
    api.events.one(id),
    api.events.committedInputs(id),
    api.events.settlement(id),
  ])
  const drEvent = progress.event
  const isVerified = eventStates.indexOf(progress.state) >= eventStates.indexOf('verified')
  const window = windowOf(drEvent)
  const range = {
    startMs: (window?.startMs ?? drEvent.startMs) - aroundMs,
    endMs: drEvent.endMs + aroundMs,
  }
  const rows = await readRows(api, drEvent, range)
  return compareEvent({
    event: drEvent,
    range,
    window,
    rows: isVerified && record ? settledRows({ event: drEvent, record, rows }) : rows,
    committed: committedInputs?.baselines ?? null,
    isVerified: isVerified && record !== null,
  })
}

/** The rows of the event's own meters: how many others there are does not matter. */
async function readRows(
  { views }: ApiContext,
  event: DrEvent,
  range: TimeRange,
): Promise<ComparedRow[]> {
  const found: ComparedRow[] = []
  const asked = { range, meters: metersOf(event), intervalS: event.intervalS }
  for await (const { rows } of readMerged(views, asked)) {
    if (found.length + rows.length > memberIntervalsMax) {
      throw new TooManyToCompareError({ rowsMax: memberIntervalsMax })
    }
    for (const row of rows) {
      const { meter, start_ms: startMs, duration_s: durationS, origin } = row
      const deviationW = row.deviation_w
      found.push({ meter, startMs, durationS, energyMwh: row.energy_mwh, deviationW, origin })
    }
  }
  return found
}

function windowOf(drEvent: DrEvent): TimeRange | null {
  const method = baselineMethodNamed(drEvent.terms.baselineMethod)
  const starts = windowStarts(method, drEvent, drEvent.intervalS)
  const [first] = starts
  const last = starts.at(-1)
  if (first === undefined || last === undefined) return null
  return { startMs: first, endMs: last + drEvent.intervalS * 1000 }
}

async function readReconciliation(
  api: ApiContext,
  id: EventId,
  isTrusted: boolean,
): Promise<Reconciliation> {
  const [progress, record] = await Promise.all([api.events.one(id), api.events.settlement(id)])
  return reconcileEvent({ progress, record, isTrusted })
}
