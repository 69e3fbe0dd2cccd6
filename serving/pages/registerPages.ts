import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import { type Asset, bundlePages } from './bundle.ts'

/** The files of the dashboard by URL path, each compressed both ways. */
export type Pages = ReadonlyMap<string, Served>
type Served = Asset & { readonly etag: string; readonly gzip: Buffer; readonly brotli: Buffer }

/**
 * Serves the pages at the root. Pages are addressed by fragment, so one document serves all.
 *
 * The API already answers while its pages are made.
 */
export function registerPages(app: FastifyInstance, made: Promise<Pages>): void {
  made.catch((error: unknown) => app.log.error(error, 'The pages cannot be bundled.'))
  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const { asset = '' } = request.params as { asset?: string }
    const served = (await made).get(`/${asset}`)
    if (!served) throw new NotFoundError('page', asset)
    return send(served, request, reply)
  }
  const config = { problems: ['not-found'] } as const
  for (const path of ['/', '/:asset']) app.get(path, { config, schema: { hide: true } }, serve)
}

function send(served: Served, request: FastifyRequest, reply: FastifyReply) {
  reply.header('content-type', served.contentType).header('etag', served.etag)
  reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === served.etag) return reply.code(304).send()
  const accepted = String(request.headers['accept-encoding'] ?? '')
  if (/\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(served.brotli)
  if (/\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(served.gzip)
  return reply.send(served.body)
}

/** The pages of these sources: the same for every installation. */
export async function makePages(): Promise<Pages> {
  const assets = [...(await bundlePages())]
  const served = assets.map(async ([name, asset]) => [name, await compress(asset)] as const)
  return new Map(await Promise.all(served))
}

/** Whether a value read back is what `makePages` made: without a root every page is missing. */
export function arePages(value: unknown): value is Pages {
  return value instanceof Map && value.get('/')?.brotli instanceof Uint8Array
}

/** Quality 9 takes a tenth of the time of 11 for a few more bytes. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }

async function compress(asset: Asset): Promise<Served> {
  const etag = `"${createHash('sha256').update(asset.body).digest('base64url').slice(0, 22)}"`
  const [gzipped, brotli] = await Promise.all([
    promisify(gzip)(asset.body),
    promisify(brotliCompress)(asset.body, brotliOptions),
  ])
  return { ...asset, etag, gzip: gzipped, brotli }
}
