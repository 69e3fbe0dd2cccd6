import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TooManyRequestsError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
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
 * pages, and the rest have counts of their own, so that none is refused for another's.
 *
 * Runs after `guardAccess`, which knows the tokens, and for unknown paths too. Behind a reverse
 * proxy every address is the proxy's, unless the proxy is configured.
 */
export function limitRate(app: FastifyInstance, limits: ApiLimits): void {
  const { addressesMax } = limits
  const counters = {
    trusted: countByAddress({ usedMax: limits.trustedRequestsPerMinute, addressesMax }),
    wrong: countByAddress({ usedMax: limits.wrongTokensPerMinute, addressesMax }),
    page: countByAddress({ usedMax: limits.pagesPerMinute, addressesMax }),
    open: countByAddress({ usedMax: limits.requestsPerMinute, addressesMax }),
  }
  app.addHook('onRequest', (request, _, done) => {
    const isUnlimited = request.routeOptions.config?.isUnlimited === true
    if (isUnlimited) return done()
    const counter = counters[kindOf(request)]
    const address = networkOf(request.ip)
    counter.add(address, 1)
    const retryAfterS = Math.ceil(counter.waitMs(address) / 1000)
    done(retryAfterS > 0 ? new TooManyRequestsError({ retryAfterS }) : undefined)
  })
}

function kindOf(request: FastifyRequest): 'trusted' | 'wrong' | 'page' | 'open' {
  if (request.isTrusted || request.isValidator) return 'trusted'
  if (request.headers.authorization !== undefined) return 'wrong'
  return request.url.startsWith('/api/') ? 'open' : 'page'
}
