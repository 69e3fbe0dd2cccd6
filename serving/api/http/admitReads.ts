import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ReadsSpentError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import { countByAddress } from './countByAddress.ts'
import type { ApiLimits } from './limits.ts'
import { createPlaces } from './places.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asks the stores, or answers at length: at work are only a few of its requests at a time. */
    isCostly?: boolean
  }
  interface FastifyRequest {
    /** Rows that were read from the store for it. */
    rowsRead: number
    /** Ends its turn; null where it needs none. */
    leavePlace: (() => void) | null
  }
}

/** What an answer costs beside its rows: as much as so many of them. */
const rowsOfAnswer = 10
/** Of an answer that is not made of rows. */
const bytesOfRow = 150

/**
 * Bounds the reads that are at work at one time, those of strangers and of holders of a token
 * apart, and the rows that strangers of one address read in a minute.
 *
 * Requests are counted by `limitRate`; this is about what they cost. All are computed on one
 * thread and by one store, so that without it twenty long answers keep health waiting.
 */
export function admitReads(app: FastifyInstance, limits: ApiLimits): void {
  const trusted = createPlaces(limits.reads)
  const open = createPlaces(limits.openReads)
  const rowsMax = limits.openRowsPerMinute
  const spent = countByAddress({ usedMax: rowsMax, addressesMax: limits.addressesMax })
  app.decorateRequest('rowsRead', 0)
  app.decorateRequest('leavePlace', null)

  app.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.config?.isCostly !== true) return
    const sender = networkOf(request.ip)
    if (!isStranger(request)) return wait(reply, await trusted.enter(sender))
    const retryAfterS = Math.ceil(spent.waitMs(sender) / 1000)
    if (retryAfterS > 0) throw new ReadsSpentError({ retryAfterS, rowsMax })
    return wait(reply, await open.enter(sender))
  })
  app.addHook('onSend', (request, _, payload, done) => {
    const { leavePlace } = request
    if (leavePlace !== null) {
      if (isStranger(request)) spent.add(networkOf(request.ip), costOf(request, payload))
      leavePlace()
    }
    done(null, payload)
  })
}

/** Who has gone meanwhile gives the place back. */
function wait(reply: FastifyReply, leave: () => void): FastifyReply | undefined {
  reply.request.leavePlace = leave
  if (reply.raw.destroyed) {
    leave()
    return reply.hijack()
  }
  reply.raw.once('close', leave)
  return undefined
}

/** The rows that were read count, whether or not they are shown. */
function costOf(request: FastifyRequest, payload: unknown): number {
  const bytes = typeof payload === 'string' ? payload.length : 0
  return rowsOfAnswer + Math.max(request.rowsRead, Math.round(bytes / bytesOfRow))
}

export function isStranger(request: FastifyRequest): boolean {
  return !request.isTrusted && !request.isValidator
}
