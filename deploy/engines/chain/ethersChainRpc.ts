import { json } from 'node:stream/consumers'
import * as z from 'zod'
import {
  ChainAnswerError,
  ChainBarredError,
  ChainUnreachableError,
  NodeBusyError,
  RpcError,
} from '../../../schemas/errors/chain.ts'
import { ChainUrlError } from '../../../schemas/errors/configuration.ts'
import { type RetryableError, sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import { askHttp, httpPlaceOf } from '../../sockets/httpPlace.ts'
import { userOfUrl } from '../url/userOfUrl.ts'

export type Rpc = {
  /**
   * For its effect: the answer is whatever the node says.
   *
   * @throws RpcError when the node refuses, RetryableError when it is still unreachable after a few
   * tries.
   */
  call(method: string, parameters?: readonly unknown[]): Promise<unknown>
  /** @throws ChainAnswerError for an answer of another shape, and as `call`. */
  read<T>(shape: z.ZodType<T>, method: string, parameters?: readonly unknown[]): Promise<T>
}

const triesMax = 4
const timeoutMs = 10_000

/** JSON-RPC over HTTP; a user and password in the URL are sent as basic authorisation. */
export function openRpc(url: string): Rpc {
  const at = readUrl(url)
  let id = 0
  const ask = async (method: string, parameters: readonly unknown[]): Promise<unknown> => {
    const response = await askHttp(at.place, {
      ...{ method: 'POST', path: at.path, headers: at.headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params: parameters }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = envelope.safeParse(await json(response))
    if (response.statusCode === 503) {
      throw new NodeBusyError({ reason: body.data?.error?.message ?? null })
    }
    const { error, result } = decoded(body, method)
    if (error) throw refusalOf(method, error)
    return result
  }
  const call = async (method: string, parameters: readonly unknown[] = []): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask(method, parameters)
      } catch (error) {
        if (error instanceof RpcError || error instanceof ChainAnswerError) throw error
        if (tries === triesMax || isBarred(error)) throw unreachable(at.place.origin, error)
        await new Promise((resolve) => setTimeout(resolve, 50 * 3 ** tries))
      }
    }
  }
  return {
    call,
    async read(shape, method, parameters) {
      return decoded(shape.safeParse(await call(method, parameters)), method)
    },
  }
}

const nodeError = z.object({
  code: z.number().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  data: z.unknown().optional(),
})
type NodeError = z.infer<typeof nodeError>
const envelope = z.object({ result: z.unknown().optional(), error: nodeError.nullish() })

function decoded<T>({ data, error }: z.ZodSafeParseResult<T>, method: string): T {
  if (!error) return data
  const [{ path, message } = { path: [], message: 'unreadable' }] = error.issues
  throw new ChainAnswerError({ method, member: path.join('.'), fault: message }, error)
}

function readUrl(text: string) {
  const url = URL.canParse(text) ? new URL(text) : null
  const place = url && httpPlaceOf(url)
  if (!url || !place) throw new ChainUrlError()
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (url.username !== '') {
    const { user, password } = userOfUrl(url)
    headers.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }
  return { place, path: `${url.pathname || '/'}${url.search}`, headers }
}

function refusalOf(method: string, error: NodeError): RpcError {
  const { code = 0, message: reason = null, data } = error
  return new RpcError({ method, reason, code, data: findData(data) })
}

function unreachable(origin: string, cause: unknown): RetryableError {
  if (isBarred(cause)) return new ChainBarredError({ file: cause.address }, cause)
  return new ChainUnreachableError({ origin, reason: sentenceOf(cause) }, cause)
}

/** A socket that the system keeps from this user. */
function isBarred(error: unknown): error is { readonly address: string } {
  if (!(error instanceof Error && 'code' in error && 'address' in error)) return false
  return error.code === 'EACCES' && typeof error.address === 'string'
}

/** Nodes put revert data in different places. */
function findData(data: unknown): string | null {
  if (typeof data === 'string') return /^0x[0-9a-f]*$/i.test(data) ? data : null
  const isNested = typeof data === 'object' && data !== null && 'data' in data
  return isNested ? findData(data.data) : null
}
