import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { NotFinalYetError, NotSettledYetError } from '../../../schemas/errors/settlement.ts'
import { type EventProgress, eventStates } from '../../../schemas/event.ts'
import type { EventId, MeterId } from '../../../schemas/ids.ts'
import { describeSettlement } from '../../merge/describeSettlement.ts'
import { wholeNumber } from '../../merge/toCells.ts'
import { makeBundle } from '../../settlement/bundle/makeBundle.ts'
import type { SettlementRecord } from '../../settlement/settlementRecord.ts'
import { eventIdText, meterIdText } from '../../shapes/common.ts'
import { bundle, claimReport, rerun, settlement } from '../../shapes/settlement.ts'
import { addRoute } from '../http/addRoute.ts'
import type { ApiContext } from '../read/apiPorts.ts'
import { eventParams } from './eventRoutes.ts'

const bundleParams = z.strictObject({
  meter: meterIdText.transform((text) => text as MeterId),
  event: eventIdText.transform((text) => text as EventId),
})

/** The invoice of an event, its claims, and the proof of each line. */
export function addSettlementRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/events/:id/settlement',
    id: 'getSettlement',
    problems: ['conflict'],
    tag: 'settlement',
    summary: 'Header and totals; the lines with the token',
    access: 'either',
    params: eventParams,
    answer: settlement,
    hasETag: true,
    async handle({ params, isTrusted }) {
      return describeSettlement({ record: await readRecord(api, params.id), isTrusted })
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/events/:id/settlement/rerun',
    id: 'rerunSettlement',
    problems: ['conflict'],
    tag: 'settlement',
    summary: 'Settles again, as of the places of the log that the settlement names; stores nothing',
    access: 'token',
    params: eventParams,
    answer: rerun,
    async handle({ params }) {
      return api.commands.rerun(params.id)
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/events/:id/claims',
    id: 'claimEvent',
    problems: ['conflict'],
    tag: 'settlement',
    summary: 'Has every payee of a final event paid what it is owed; the same again pays nothing',
    access: 'token',
    params: eventParams,
    body: z.strictObject({ dryRun: z.boolean().default(false) }),
    answer: claimReport,
    async handle({ params, body }) {
      refuseUnlessFinal(await api.events.one(params.id))
      const { claims, sumMicros, ...report } = await api.commands.claim(params.id, {
        isDryRun: body.dryRun,
      })
      return {
        ...report,
        claims: claims.map((each) => ({ ...each, amountMicros: wholeNumber(each.amountMicros) })),
        sumMicros: wholeNumber(sumMicros),
      }
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/meters/:meter/bundles/:event',
    id: 'getBundle',
    problems: ['conflict'],
    tag: 'settlement',
    summary: 'The proof of one line; `wattproof verify` checks it offline',
    access: 'token',
    params: bundleParams,
    answer: bundle,
    hasETag: true,
    async handle({ params }) {
      const record = await readRecord(api, params.event)
      return { ...makeBundle({ record, meter: params.meter }) }
    },
  })
}

async function readRecord(api: ApiContext, id: EventId): Promise<SettlementRecord> {
  const [progress, record] = await Promise.all([api.events.one(id), api.events.settlement(id)])
  if (record) return record
  throw new NotSettledYetError({ event: id, state: progress.state })
}

function refuseUnlessFinal({ event, state }: EventProgress): void {
  if (eventStates.indexOf(state) >= eventStates.indexOf('final')) return
  throw new NotFinalYetError({ event: event.id, state })
}
