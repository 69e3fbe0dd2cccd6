import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Requests of a connection that are not answered yet. */
const unanswered = new WeakMap<Socket, number>()

export function isAnswering(socket: Socket): boolean {
  return (unanswered.get(socket) ?? 0) > 0
}

/**
 * Closes a connection with more unanswered requests than it may have. All that arrive in one piece
 * are taken before any is answered, so that some thousands would keep everybody else waiting.
 *
 * It stands before the server's own listener: what came with the request that was one too many is
 * parsed and costs no more.
 *
 * @param isBounded whether a connection may be closed for it.
 */
export function boundPipelines(
  app: FastifyInstance,
  { unansweredMax, isBounded }: { unansweredMax: number; isBounded: (socket: Socket) => boolean },
): void {
  const server = app.server as Server
  const handlers = server.listeners('request') as ((...given: unknown[]) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, answer: ServerResponse) => {
    const { socket } = request
    if (socket.destroyed) return
    const count = (unanswered.get(socket) ?? 0) + 1
    if (count > unansweredMax && isBounded(socket)) {
      socket.destroy()
      return
    }
    unanswered.set(socket, count)
    answer.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1))
    for (const handle of handlers) handle.call(server, request, answer)
  })
}
