import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { TooManyQuestionsError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import { onceClosed } from '../../../schemas/onceClosed.ts'
import { closingAnswer } from './closingAnswer.ts'
import type { ApiLimits } from './limits.ts'

/** Requests of a connection that are not answered yet. */
const unanswered = new WeakMap<Socket, number>()

export function isAnswering(socket: Socket): boolean {
  return (unanswered.get(socket) ?? 0) > 0
}

/** Health, which is never refused, whatever else an address asks for. */
const health = /^\/(livez|readyz)(\?|$)/

type Limits = Pick<ApiLimits, 'unansweredMax' | 'unansweredPerAddressMax'>

/**
 * Bounds the unanswered requests of a connection and of an address. All that arrive in one piece,
 * or on many connections at one time, are taken before any is answered, so that some thousands
 * would keep everybody else waiting.
 *
 * A connection with more than it may have is closed. One of an address with more than that gets a
 * refusal, unless it waits for an answer: the refusal would be taken for it.
 *
 * It stands before the server's own listener: what came with the request that was one too many is
 * parsed and costs no more.
 *
 * @param isBounded whether a request may be refused for it: those with a token may not.
 */
export function boundPipelines(
  app: FastifyInstance,
  { unansweredMax, unansweredPerAddressMax }: Limits,
  isBounded: (request: IncomingMessage) => boolean,
): void {
  const server = app.server as Server
  const ofAddress = new Map<string, number>()
  const handlers = server.listeners('request') as ((...given: unknown[]) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, answer: ServerResponse) => {
    const { socket } = request
    if (socket.destroyed) return
    const isStrangers = isBounded(request)
    if (isStrangers && (unanswered.get(socket) ?? 0) >= unansweredMax) {
      socket.destroy()
      return
    }
    const isCounted = isStrangers && !health.test(request.url ?? '')
    const address = isCounted ? networkOf(socket.remoteAddress ?? '') : null
    if (address !== null && (ofAddress.get(address) ?? 0) >= unansweredPerAddressMax) {
      refuse(socket, answer, unansweredPerAddressMax)
      return
    }
    add(unanswered, socket, 1)
    if (address !== null) add(ofAddress, address, 1)
    onceClosed(socket, answer, () => {
      add(unanswered, socket, -1)
      if (address !== null) add(ofAddress, address, -1)
    })
    for (const handle of handlers) handle.call(server, request, answer)
  })
}

function refuse(socket: Socket, answer: ServerResponse, questionsMax: number): void {
  if (isAnswering(socket)) {
    socket.destroy()
    return
  }
  const { status, headers, body } = closingAnswer(new TooManyQuestionsError({ questionsMax }))
  answer.writeHead(status, headers).end(body)
}

type Counts<Key> = {
  get(key: Key): number | undefined
  set(key: Key, count: number): unknown
  delete(key: Key): unknown
}

function add<Key>(counts: Counts<Key>, key: Key, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
