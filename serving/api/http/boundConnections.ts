import type { Server } from 'node:http'
import { BlockList, isIPv6, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../../../schemas/networkOf.ts'
import { isAnswering } from './boundPipelines.ts'
import type { ApiLimits } from './limits.ts'

type Places = {
  /** Connections by address. A set keeps the order of arrival: the first is the oldest. */
  readonly byAddress: Map<string, Set<Socket>>
  /** Those that have not shown a token, oldest first. */
  readonly strangers: Set<Socket>
  count: number
}

export type Connections = {
  /** Whether it has shown no token and is one sender's: it may be closed for what it sends. */
  isStrangers(socket: Socket): boolean
}

/**
 * Bounds the open connections, in all and from each address, so that nobody runs out of them.
 *
 * A new connection beyond a bound closes the oldest one that has not shown a token, of those that
 * wait for no answer where there are any, so that strangers can hold none for long and take none
 * from who has one. Where all have shown one, the new connection is closed.
 *
 * @param proxies addresses of reverse proxies, which bring the connections of many.
 */
export function boundConnections(
  app: FastifyInstance,
  limits: ApiLimits,
  proxies: readonly string[],
): Connections {
  const places: Places = { byAddress: new Map(), strangers: new Set(), count: 0 }
  const isProxy = matcherOf(proxies)
  const server = app.server as Server
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const address = networkOf(remoteAddress)
    const own = places.byAddress.get(address) ?? new Set()
    places.byAddress.set(address, own.add(socket))
    places.strangers.add(socket)
    places.count += 1
    socket.once('close', () => leave(places, address, socket))
    const isFull = own.size > limits.connectionsPerAddressMax && !isProxy(remoteAddress)
    if (isFull) closeOldest(places, own)
    else if (places.count > limits.connectionsMax) closeOldest(places, places.strangers)
  })
  app.addHook('onRequest', (request, _, done) => {
    if (request.isTrusted || request.isValidator) places.strangers.delete(request.socket)
    done()
  })
  return {
    isStrangers: (socket) => places.strangers.has(socket) && !isProxy(socket.remoteAddress ?? ''),
  }
}

/** The new connection is a stranger too, so there always is one to close that waits for nothing. */
function closeOldest({ strangers }: Places, among: Iterable<Socket>): void {
  for (const socket of among) {
    if (!strangers.has(socket) || isAnswering(socket)) continue
    strangers.delete(socket)
    socket.destroy()
    return
  }
}

function leave(places: Places, address: string, socket: Socket): void {
  places.strangers.delete(socket)
  places.count -= 1
  const own = places.byAddress.get(address)
  own?.delete(socket)
  if (own?.size === 0) places.byAddress.delete(address)
}

function matcherOf(proxies: readonly string[]): (ip: string) => boolean {
  const list = new BlockList()
  for (const each of proxies) {
    const [ip = '', bits] = each.split('/')
    const family = isIPv6(ip) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(ip, family)
    else list.addSubnet(ip, Number(bits), family)
  }
  return (ip) => proxies.length > 0 && list.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')
}
