import type { FastifyReply, FastifyRequest } from 'fastify'
import { PathUnreadableError, TooManyRequestsError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import { answerError } from './answerError.ts'
import { countByAddress } from './countByAddress.ts'
import type { ApiLimits } from './limits.ts'
import { securityHeaders } from './securityHeaders.ts'

/**
 * Answers a path that the router cannot read. No hook runs for it, so the headers of every answer
 * and the limit of requests are here too.
 *
 * They are counted by themselves: the server knows neither the token of these requests nor who is
 * behind a proxy, and no client may be refused for another one's.
 */
export function answerUnrouted({ requestsPerMinute, addressesMax }: ApiLimits) {
  const counter = countByAddress({ usedMax: requestsPerMinute, addressesMax })
  return (error: { readonly code: string }, request: FastifyRequest, reply: FastifyReply) => {
    void reply.headers(securityHeaders).header('x-request-id', request.id)
    const address = networkOf(request.ip)
    counter.add(address, 1)
    const retryAfterS = Math.ceil(counter.waitMs(address) / 1000)
    if (retryAfterS > 0)
      return answerError(new TooManyRequestsError({ retryAfterS }), request, reply)
    const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH'
    answerError(
      isTooLong ? new PathUnreadableError({ partCharsMax }) : new PathUnreadableError(),
      request,
      reply,
    )
  }
}

/** Maximum length of a parameter within a path. */
export const partCharsMax = 128
