import { ChainUnreachableError } from '../../../schemas/errors/chain.ts'
import { ChainUrlError } from '../../../schemas/errors/configuration.ts'
import { type RetryableError, sentenceOf } from '../../../schemas/errors/wattproofError.ts'

/** A node's error response. */
export class RpcError extends Error {
  readonly code: number
  /** Data of the revert as `0x…`, where there was one. */
  readonly data: string | null

  constructor(error: { code?: number; message?: string; data?: unknown }) {
    super(error.message ?? 'no message')
    this.code = error.code ?? 0
    this.data = findData(error.data)
  }

  /** True if the call ran and reverted; false if the node refused it. */
  get isRevert(): boolean {
    return this.code === 3 || this.data !== null || /revert/i.test(this.message)
  }
}

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
  const { target, headers } = readUrl(url)
  let id = 0
  const ask = async <T>(method: string, parameters: readonly unknown[]): Promise<T> => {
    const response = await fetch(target, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params: parameters }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = (await response.json()) as { result?: T; error?: { code?: number } }
    if (body.error) throw new RpcError(body.error)
    return body.result as T
  }
  return {
    async call<T>(method: string, parameters: readonly unknown[] = []): Promise<T> {
      for (let tries = 1; ; tries++) {
        try {
          return await ask<T>(method, parameters)
        } catch (error) {
          if (error instanceof RpcError) throw error
          if (tries === triesMax) throw unreachable(target, error)
          await new Promise((resolve) => setTimeout(resolve, 50 * 3 ** tries))
        }
      }
    },
  }
}

function readUrl(text: string): { target: string; headers: Record<string, string> } {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ChainUrlError()
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (url.username !== '') {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    url.username = ''
    url.password = ''
  }
  return { target: url.toString(), headers }
}

function unreachable(target: string, cause: unknown): RetryableError {
  const { origin } = new URL(target)
  return new ChainUnreachableError({ origin, reason: sentenceOf(cause) }, cause)
}

/** Nodes put revert data in different places. */
function findData(data: unknown): string | null {
  if (typeof data === 'string') return /^0x[0-9a-f]*$/i.test(data) ? data : null
  if (typeof data !== 'object' || data === null) return null
  return findData((data as { data?: unknown }).data)
}
