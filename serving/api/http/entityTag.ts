import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Gives the answers of opted-in routes an ETag, and answers 304 when the client has it.
 *
 * The answer is still computed: only its transfer and parsing are saved.
 */
export function addEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const isTagged = request.routeOptions.config?.hasETag === true && reply.statusCode === 200
    done(null, isTagged && typeof payload === 'string' ? tagged(request, reply, payload) : payload)
  })
}

/** The payload, or nothing where the client has it already. */
function tagged(request: FastifyRequest, reply: FastifyReply, payload: string): string {
  return isUnchanged(request, reply, [payload]) ? '' : payload
}

/** Gives an answer in pieces its tag; whether the client has it, so that nothing is to be sent. */
export function isUnchanged(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: readonly (string | Uint8Array)[],
): boolean {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  const tag = `"${hash.digest('base64url').slice(0, 22)}"`
  void reply.header('etag', tag).header('cache-control', 'no-cache')
  // The answer depends on the token.
  void reply.header('vary', 'authorization')
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/)
  if (!known.includes(tag)) return false
  void reply.code(304).removeHeader('content-type')
  return true
}
