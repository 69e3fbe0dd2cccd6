import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { MisdirectedError, NotHttpError } from '../../../schemas/errors/request.ts'

/**
 * Refuses requests sent to a host name that is not ours.
 *
 * A web page may point its own host name at a loopback address and would then read the public
 * answers as same-origin. It cannot do so with an address, nor omit the header, so probes that
 * call an address, or use HTTP/1.0 without a name, are accepted.
 *
 * @param names accepted host names, besides localhost.
 */
export function guardHost(app: FastifyInstance, names: readonly string[]): void {
  const ours = new Set(['localhost', ...names.map((name) => name.toLowerCase())])
  app.addHook('onRequest', ({ headers: { host = '' }, raw }, reply, done) => {
    if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
      void reply.header('connection', 'close')
      return done(new NotHttpError())
    }
    const name = nameOf(host)
    const isOurs = host === '' || ours.has(name) || isIP(name) !== 0
    done(isOurs ? undefined : new MisdirectedError({ host }))
  })
}

/** Without the port and the brackets of an IPv6 address. */
function nameOf(host: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  return (address ?? name ?? '').toLowerCase()
}
