import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { ReadsSpentError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import { onceClosed } from '../../../schemas/onceClosed.ts'
import { countByAddress } from './countByAddress.ts'
import type { ApiLimits } from './limits.ts'
import { createSlots, type Slots } from './slots.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asks the stores, or answers at length: at work are only a few of its requests at a time. */
    isCostly?: boolean
  }
  interface FastifyRequest {
    /** Rows that were read from the store for it. */
    rowsRead: number
    /**
     * Ends its turn, with the rows that it has cost, or null: as estimated. Null where it has none.
     */
    releaseSlot: ((rows: number | null) => void) | null
  }
}

/** What an answer costs beside its rows: as much as so many of them. */
const rowsOfAnswer = 10
/** Cost of an answer that is not made of rows. */
const bytesOfRow = 150

/**
 * Bounds the reads that are at work at one time, those of strangers and of holders of a token
 * apart, and the rows that strangers of one address read in a minute.
 *
 * Requests are counted by `limitRate`; this is about what they cost. All are computed on one
 * thread and by one store, so that without it twenty long answers keep health waiting. A client
 * that hangs up leaves the queue, but its read, once begun, goes on in the store: its slot is
 * free when the handler has ended, and its rows are charged before they are read.
 */
export function admitReads(app: FastifyInstance, limits: ApiLimits): void {
  const trusted = createSlots(limits.reads)
  const open = createSlots(limits.openReads)
  const rowsMax = limits.openRowsPerMinute
  const spent = countByAddress({ usedMax: rowsMax, addressesMax: limits.addressesMax })
  app.decorateRequest('rowsRead', 0)
  app.decorateRequest('releaseSlot', null)

  app.addHook('onRoute', (route) => {
    if (route.config?.isCostly === true) route.handler = leaveAfter(route.handler)
  })
  app.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.config?.isCostly !== true) return
    const sender = networkOf(request.ip)
    if (!isStranger(request)) return enter(trusted, reply, () => {})
    const retryAfterS = Math.ceil(spent.waitMs(sender) / 1000)
    if (retryAfterS > 0) throw new ReadsSpentError({ retryAfterS, rowsMax })
    // Before they are read: many that are admitted together would all find the minute unspent.
    return enter(open, reply, spent.charge(sender, estimateOf(request, limits)))
  })
  app.addHook('onSend', (request, _, payload, done) => {
    request.releaseSlot?.(costOf(request, payload))
    done(null, payload)
  })
}

/**
 * Waits for a slot, and gives it to the request, unless its client has gone meanwhile.
 *
 * @param correct gets what the request has cost; of one that did no work, nothing.
 */
async function enter(
  slots: Slots,
  reply: FastifyReply,
  correct: (rows: number) => void,
): Promise<FastifyReply | undefined> {
  const { request } = reply
  const leave = await admit(slots, reply).catch((error: unknown) => {
    correct(0)
    throw error
  })
  if (leave === null || request.socket.destroyed) {
    leave?.()
    correct(0)
    return reply.hijack()
  }
  request.releaseSlot = (rows) => {
    request.releaseSlot = null
    if (rows !== null) correct(rows)
    leave()
  }
  return undefined
}

async function admit(slots: Slots, { request, raw }: FastifyReply) {
  if (request.socket.destroyed) return null
  return slots.enter(networkOf(request.ip), (leaveQueue) => {
    onceClosed(request.socket, raw, leaveQueue)
  })
}

type Handler = RouteOptions['handler']

/** For handlers that end without an answer: nobody is there to read it, or they sent their own. */
function leaveAfter(handler: Handler): Handler {
  return function (request, reply) {
    const ended = handler.call(this, request, reply) as unknown
    // After the server's own listener, which sends what the handler returned or threw.
    const leave = () => queueMicrotask(() => request.releaseSlot?.(null))
    if (ended instanceof Promise) void ended.then(leave, leave)
    return ended
  }
}

/** What a stranger's read may come to. */
function estimateOf({ query }: FastifyRequest, { openRowsMax }: ApiLimits): number {
  const { limit } = query as { readonly limit?: unknown }
  return rowsOfAnswer + (typeof limit === 'number' ? Math.min(limit, openRowsMax) : 0)
}

/** The rows that were read count, whether or not they are shown. */
function costOf(request: FastifyRequest, payload: unknown): number {
  const bytes = typeof payload === 'string' ? payload.length : 0
  return rowsOfAnswer + Math.max(request.rowsRead, Math.round(bytes / bytesOfRow))
}

export function isStranger(request: FastifyRequest): boolean {
  return !request.isTrusted && !request.isValidator
}
