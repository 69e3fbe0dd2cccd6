import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { MisdirectedError } from '../../schemas/errors/request.ts'

/**
 * Refuses requests that were sent to a name that is not ours.
 *
 * A web page may point a name of its own at a loopback address and would then read the open
 * answers as its own site's. It cannot do so with an address, nor leave the header out, so that
 * probes which call an address, or speak HTTP/1.0 without a name, get through.
 *
 * @param names names that lead here, besides localhost.
 */
export function guardHost(app: FastifyInstance, names: readonly string[]): void {
  const ours = new Set(['localhost', ...names.map((name) => name.toLowerCase())])
  app.addHook('onRequest', async ({ headers: { host = '' } }) => {
    const name = nameOf(host)
    if (host === '' || ours.has(name) || isIP(name) !== 0) return
    throw new MisdirectedError({ host })
  })
}

/** Without the port and the brackets of an IPv6 address. */
function nameOf(host: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  return (address ?? name ?? '').toLowerCase()
}
