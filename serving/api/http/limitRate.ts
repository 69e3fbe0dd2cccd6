import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TooManyRequestsError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import type { Connections } from './boundConnections.ts'
import { countByAddress } from './countByAddress.ts'
import type { ApiLimits } from './limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** However many requests an address sends, it is answered. */
    isUnlimited?: boolean
  }
}

/**
 * Limits the requests a minute of each address, by kind: holders of a token, guesses of one,
 * pages, and the rest have counts of their own, so that none is refused for another's. A refusal
 * costs as much as a short answer: a stranger who goes on regardless is closed without one.
 *
 * Runs after `guardAccess`, which knows the tokens, and for unknown paths too. Behind a reverse
 * proxy every address is the proxy's, unless the proxy is configured.
 */
export function limitRate(
  app: FastifyInstance,
  limits: ApiLimits,
  { isStrangers }: Connections,
): void {
  const { addressesMax, floodTimes } = limits
  const shared = { addressesMax, floodTimes }
  const counters = {
    trusted: countByAddress({ usedMax: limits.trustedRequestsPerMinute, ...shared }),
    wrong: countByAddress({ usedMax: limits.wrongTokensPerMinute, ...shared }),
    page: countByAddress({ usedMax: limits.pagesPerMinute, ...shared }),
    open: countByAddress({ usedMax: limits.requestsPerMinute, ...shared }),
  }
  app.addHook('onRequest', (request, reply, done) => {
    const isUnlimited = request.routeOptions.config?.isUnlimited === true
    if (isUnlimited) return done()
    const counter = counters[kindOf(request)]
    const address = networkOf(request.ip)
    counter.add(address, 1)
    if (counter.isFlooded(address) && isStrangers(request.socket)) {
      reply.hijack()
      request.socket.destroy()
      return
    }
    const retryAfterS = Math.ceil(counter.waitMs(address) / 1000)
    done(retryAfterS > 0 ? new TooManyRequestsError({ retryAfterS }) : undefined)
  })
}

function kindOf(request: FastifyRequest): 'trusted' | 'wrong' | 'page' | 'open' {
  if (request.isTrusted || request.isValidator) return 'trusted'
  if (request.headers.authorization !== undefined) return 'wrong'
  return request.url.startsWith('/api/') ? 'open' : 'page'
}
