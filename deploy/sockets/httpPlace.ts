import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import { connectSocket } from './socketPath.ts'
import { socketOf } from './socketUrl.ts'

/** A server that speaks HTTP: on a port, or on a socket. */
export type HttpPlace = {
  /** `http://localhost` for a socket, which only the agent asks. */
  readonly origin: string
  /** Null: Node's own, by the name in the origin. */
  readonly agent: http.Agent | null
}

/**
 * @param socketsMax connections to a socket at one time.
 * @returns null for a URL that is not of `http`, `https` or `http+unix`.
 */
export function httpPlaceOf(url: URL, socketsMax = Number.POSITIVE_INFINITY): HttpPlace | null {
  if (/^https?:$/.test(url.protocol)) return { origin: url.origin, agent: null }
  const file = url.protocol === 'http+unix:' ? socketOf(url) : null
  if (file === null) return null
  return { origin: 'http://localhost', agent: new SocketAgent(file, socketsMax) }
}

/** Whatever the host of a request is, it goes to the socket. */
class SocketAgent extends http.Agent {
  readonly #file: string

  constructor(file: string, maxSockets: number) {
    super({ keepAlive: true, maxSockets })
    this.#file = file
  }

  override createConnection(): net.Socket {
    return connectSocket(this.#file)
  }
}

export type Asked = {
  readonly method: 'GET' | 'POST'
  /** With the query string. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** Resolves once the answer begins; rejects with the error of the connection. */
export function askHttp(place: HttpPlace, asked: Asked): Promise<http.IncomingMessage> {
  const { method, path, headers = {}, body = '', signal } = asked
  const { request } = place.origin.startsWith('https:') ? https : http
  const length = method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const agent = place.agent === null ? {} : { agent: place.agent }
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length }, signal, ...agent }
    request(`${place.origin}${path}`, options, resolve).once('error', reject).end(body)
  })
}
