import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TooManyRequestsError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import type { ApiLimits } from './limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** However many requests an address sends, it is answered. */
    isUnlimited?: boolean
  }
}

const windowMs = 60_000

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
    trusted: createCounter({ requestsMax: limits.trustedRequestsPerMinute, addressesMax }),
    wrong: createCounter({ requestsMax: limits.wrongTokensPerMinute, addressesMax }),
    page: createCounter({ requestsMax: limits.pagesPerMinute, addressesMax }),
    open: createCounter({ requestsMax: limits.requestsPerMinute, addressesMax }),
  }
  app.addHook('onRequest', (request, _, done) => {
    const isUnlimited = request.routeOptions.config?.isUnlimited === true
    const waitMs = isUnlimited ? 0 : counters[kindOf(request)](networkOf(request.ip))
    done(
      waitMs > 0 ? new TooManyRequestsError({ retryAfterS: Math.ceil(waitMs / 1000) }) : undefined,
    )
  })
}

function kindOf(request: FastifyRequest): 'trusted' | 'wrong' | 'page' | 'open' {
  if (request.isTrusted || request.isValidator) return 'trusted'
  if (request.headers.authorization !== undefined) return 'wrong'
  return request.url.startsWith('/api/') ? 'open' : 'page'
}

type Count = { endsMs: number; requests: number }

/** Counts a request of an address; how long it must wait, ms, or 0 if this one is in. */
function createCounter(limits: { readonly requestsMax: number; readonly addressesMax: number }) {
  // In the order in which the minutes began: the first is the oldest.
  const counts = new Map<string, Count>()
  return (address: string): number => {
    const nowMs = performance.now()
    let count = counts.get(address)
    if (count === undefined || count.endsMs <= nowMs) {
      counts.delete(address)
      count = { endsMs: nowMs + windowMs, requests: 0 }
      counts.set(address, count)
      if (counts.size > limits.addressesMax) counts.delete(counts.keys().next().value!)
    }
    count.requests += 1
    return count.requests > limits.requestsMax ? count.endsMs - nowMs : 0
  }
}
