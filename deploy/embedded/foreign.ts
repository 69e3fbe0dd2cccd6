import type { IncomingHttpHeaders } from 'node:http'

/** This machine, as programs on it name it; a port may follow. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/**
 * True for what a web page sends, and for another host name: a page may have let its own name lead
 * to this machine, so that its browser sees no foreign origin.
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const isOfPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  return isOfPage || !loopbackHost.test(headers.host ?? '')
}
