import { json } from 'node:stream/consumers'
import {
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
   * @throws RpcError when the node refuses, RetryableError when it is still unreachable after a few
   * tries.
   */
  call<T>(method: string, parameters?: readonly unknown[]): Promise<T>
}

const triesMax = 4
const timeoutMs = 10_000

/** JSON-RPC over HTTP; a user and password in the URL are sent as basic authorisation. */
export function openRpc(url: string): Rpc {
  const at = readUrl(url)
  let id = 0
  const ask = async <T>(method: string, parameters: readonly unknown[]): Promise<T> => {
    const response = await askHttp(at.place, {
      ...{ method: 'POST', path: at.path, headers: at.headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params: parameters }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = (await json(response)) as { result?: T; error?: NodeError }
    if (response.statusCode === 503) {
      throw new NodeBusyError({ reason: body.error?.message ?? null })
    }
    if (body.error) throw refusalOf(method, body.error)
    return body.result as T
  }
  return {
    async call<T>(method: string, parameters: readonly unknown[] = []): Promise<T> {
      for (let tries = 1; ; tries++) {
        try {
          return await ask<T>(method, parameters)
        } catch (error) {
          if (error instanceof RpcError) throw error
          if (tries === triesMax || isBarred(error)) throw unreachable(at.place.origin, error)
          await new Promise((resolve) => setTimeout(resolve, 50 * 3 ** tries))
        }
      }
    },
  }
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

type NodeError = {
  readonly code?: number
  readonly message?: string
  readonly data?: unknown
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
  const { code, address } = error as { readonly code?: unknown; readonly address?: unknown }
  return code === 'EACCES' && typeof address === 'string'
}

/** Nodes put revert data in different places. */
function findData(data: unknown): string | null {
  if (typeof data === 'string') return /^0x[0-9a-f]*$/i.test(data) ? data : null
  if (typeof data !== 'object' || data === null) return null
  return findData((data as { data?: unknown }).data)
}
