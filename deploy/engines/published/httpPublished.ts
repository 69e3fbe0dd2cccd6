import {
  InstallationFailsError,
  InstallationSilentError,
  PublishedTooLargeError,
  UnknownSettlementError,
  VerdictNotTakenError,
} from '../../../schemas/errors/validator.ts'
import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import { parsePublishedSettlement } from '../../../serving/settlement/published.ts'
import type { PublishedClient } from '../../../serving/validate/publishedClient.ts'

export type HttpPublishedOptions = {
  /** Base URL of the API: `http://127.0.0.1:8420`. */
  readonly url: string
  readonly token: string
  readonly timeoutMs?: number
  readonly triesMax?: number
}

/** A million lines are about 3 GB; a settlement this large needs another way to publish. */
const bytesMax = 256 * 1024 * 1024

/** Published settlements and verdicts over the installation's REST API. */
export function openHttpPublished(options: HttpPublishedOptions): PublishedClient {
  const ask = (path: string, init: RequestInit = {}) => askServer(options, path, init)
  return {
    async published(settlementNumber) {
      const response = await ask(`anchors/${settlementNumber}/published`)
      if (response.status === 404) return null
      return parsePublishedSettlement(JSON.parse(await readText(response)))
    },
    async sendVerdict({ period: settlementNumber, ...verdict }) {
      const response = await ask(`anchors/${settlementNumber}/verdicts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(verdict),
      })
      if (response.status === 404) {
        throw new UnknownSettlementError({ settlementNumber })
      }
    },
  }
}

/** Any answer below 400, or 404; a refusal is thrown, a failure is retried. */
async function askServer(
  { url, token, timeoutMs = 20_000, triesMax = 3 }: HttpPublishedOptions,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const target = new URL(`/api/v1/${path}`, url)
  for (let tries = 1; ; tries++) {
    const outcome = await fetch(target, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => ({ cause }))
    if (!('cause' in outcome)) {
      if (outcome.ok || outcome.status === 404) return outcome
      if (outcome.status < 500 && outcome.status !== 429) throw await refusalOf(outcome)
    }
    if (tries === triesMax) {
      const { origin } = target
      if ('cause' in outcome) {
        const reason = sentenceOf(outcome.cause)
        throw new InstallationSilentError({ origin, reason }, outcome.cause)
      }
      throw new InstallationFailsError({ origin, status: outcome.status })
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 3 ** tries))
  }
}

async function refusalOf(response: Response): Promise<VerdictNotTakenError> {
  const body: unknown = await response.json().catch(() => null)
  const hasDetail = typeof body === 'object' && body !== null && 'detail' in body
  const reason = hasDetail && typeof body.detail === 'string' ? body.detail : null
  return new VerdictNotTakenError({ status: response.status, reason })
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > bytesMax) throw new PublishedTooLargeError({ bytesMax })
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
