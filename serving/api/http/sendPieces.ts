import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isUnchanged } from './entityTag.ts'

/**
 * Sends an answer that is in memory in pieces, each when the client has taken the one before.
 *
 * @param type the media type.
 */
export function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, pieces }: { readonly type: string; readonly pieces: readonly (string | Uint8Array)[] },
): void {
  const parts = pieces.map((piece) => Buffer.from(piece)).filter(({ length }) => length > 0)
  void reply.type(type)
  if (isUnchanged(request, reply, parts)) {
    void reply.send('')
    return
  }
  const bytes = parts.reduce((sum, { length }) => sum + length, 0)
  void reply.header('content-length', bytes).send(Readable.from(parts, { objectMode: false }))
}
