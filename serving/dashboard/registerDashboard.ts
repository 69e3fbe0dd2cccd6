import { createHash } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { type Asset, bundleDashboard } from './bundle.ts'

type Served = Asset & { readonly etag: string; readonly gzip: Buffer; readonly brotli: Buffer }

/** Serves the pages at the root. Pages are addressed by fragment, so one document serves all. */
export async function registerDashboard(app: FastifyInstance): Promise<void> {
  for (const [name, asset] of await bundleDashboard()) {
    const served = prepare(asset)
    app.get(name, { schema: { hide: true } }, (request, reply) => {
      reply.header('content-type', served.contentType).header('etag', served.etag)
      reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding')
      if (request.headers['if-none-match'] === served.etag) return reply.code(304).send()
      const accepted = String(request.headers['accept-encoding'] ?? '')
      if (/\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(served.brotli)
      if (/\bgzip\b/.test(accepted)) {
        return reply.header('content-encoding', 'gzip').send(served.gzip)
      }
      return reply.send(served.body)
    })
  }
}

function prepare(asset: Asset): Served {
  const etag = `"${createHash('sha256').update(asset.body).digest('base64url').slice(0, 22)}"`
  return { ...asset, etag, gzip: gzipSync(asset.body), brotli: brotliCompressSync(asset.body) }
}
