import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import {
  ApiBusyError,
  NobodyAnswersError,
  RefusedByApiError,
} from '../../schemas/errors/commandLine.ts'
import { RetryableError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { toJson } from '../../schemas/units.ts'

/** Answers have the shapes of their routes (`serving/shapes`): the API sends nothing else. */
export type ApiClient = {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown, options?: PostOptions): Promise<T>
  /** The raw body, for formats that are not JSON. */
  text(path: string): Promise<string>
}

export type PostOptions = {
  readonly contentType?: string
  readonly idempotencyKey?: string
}

export type ApiClientOptions = {
  readonly url: string
  readonly token: string | null
  /** How often a request is retried when nobody answers. */
  readonly retriesMax?: number
  readonly signal?: AbortSignal
}

const requestMsMax = 60_000
/** A problem document; of anything else, such as a proxy's page, nothing is taken. */
const problem = z
  .looseObject({
    title: z.string().optional().catch(undefined),
    detail: z.string().optional().catch(undefined),
  })
  .catch({})
const tokenAdvice =
  'Give --token or WATTPROOF_TOKEN; DIR/token is sent to this machine only, or with --dir.'

/**
 * Talks to `/api/v1` of a running wattproof.
 *
 * Every request is safe to repeat, so it is retried while nobody answers (a server that is
 * restarting); a refusal is a RefusedByApiError with the problem's own message.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const send = (path: string, init: RequestInit) => sendWithRetries(options, path, init)
  return {
    get: async <T>(path: string) => (await send(path, {})).json() as Promise<T>,
    text: async (path) => (await send(path, {})).text(),
    post: async <T>(path: string, body: unknown, post: PostOptions = {}) => {
      const headers: Record<string, string> = {
        'content-type': post.contentType ?? 'application/json',
      }
      if (post.idempotencyKey) headers['idempotency-key'] = post.idempotencyKey
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      const response = await send(path, {
        method: 'POST',
        headers,
        body: isRaw ? (body as BodyInit) : toJson(body),
      })
      return response.json() as Promise<T>
    },
  }
}

async function sendWithRetries(
  options: ApiClientOptions,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const retriesMax = options.retriesMax ?? 3
  for (let attempt = 0; ; attempt++) {
    try {
      return await sendOnce(options, path, init)
    } catch (error) {
      if (!(error instanceof RetryableError) || attempt >= retriesMax) throw error
      await sleep(Math.min(100 * 2 ** attempt, 2_000), undefined, optionalSignal(options.signal))
    }
  }
}

async function sendOnce(
  options: ApiClientOptions,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const headers = new Headers(init.headers)
  if (options.token) headers.set('authorization', `Bearer ${options.token}`)
  const signals = [AbortSignal.timeout(requestMsMax), ...(options.signal ? [options.signal] : [])]
  const target = new URL(`/api/v1${path}`, options.url)
  let response: Response
  try {
    response = await fetch(target, { ...init, headers, signal: AbortSignal.any(signals) })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new NobodyAnswersError({ url: options.url, reason: sentenceOf(error) }, error)
  }
  if (response.ok) return response
  const answer = problem.parse(await response.json().catch(() => null))
  const isTokenMissing = response.status === 401 && !options.token
  const { status } = response
  const sentence = answer.detail ?? answer.title ?? response.statusText
  const advice = isTokenMissing ? { advice: tokenAdvice } : {}
  const refusal = { status, sentence, answer, ...advice }
  const isRetryable = status >= 500 || status === 429 || status === 408
  throw isRetryable ? new ApiBusyError(refusal) : new RefusedByApiError(refusal)
}

function optionalSignal(signal: AbortSignal | undefined) {
  return signal ? { signal } : {}
}
