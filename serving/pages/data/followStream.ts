import { ProblemError } from '../../../schemas/errors/page.ts'
import { createStreamParser } from '../view/parseStream.ts'

export type FollowStreamParameters = {
  readonly url: string
  /** Asked for at each connection; null: as a stranger. */
  readonly readToken: () => string | null
  onMessage(topic: string, data: unknown): void
  /** @param isSeamless whether nothing was missed before it. */
  onOpen(isSeamless: boolean): void
  onBroken(status: number | null): void
}

export type FollowedStream = {
  /** Connects again, with the token there is now. */
  restart(): void
  stop(): void
}

const retryMsUsual = 2_000
/** The server says something every 15 s. */
const silenceMsMax = 45_000

/**
 * Follows the live stream and connects again by itself with the last id, so that nothing is missed.
 *
 * By `fetch` and not by `EventSource`, which can send no token but in the address: who has the
 * token has places of their own, which strangers cannot take.
 */
export function followStream(parameters: FollowStreamParameters): FollowedStream {
  const stopped = new AbortController()
  let connection = new AbortController()
  let lastId: string | null = null
  let isMissing = false

  const followOnce = async (): Promise<number> => {
    const parser = createStreamParser()
    connection = new AbortController()
    const signal = AbortSignal.any([connection.signal, stopped.signal])
    const body = await connect(parameters, { lastId, signal })
    parameters.onOpen(!isMissing || lastId !== null)
    isMissing = false
    for await (const text of textsOf(body, connection)) {
      for (const { topic, data } of parser.add(text)) parameters.onMessage(topic, JSON.parse(data))
      lastId = parser.lastId() ?? lastId
    }
    return parser.retryMs() ?? retryMsUsual
  }
  const run = async () => {
    while (!stopped.signal.aborted) {
      let pauseMs = retryMsUsual
      try {
        pauseMs = await followOnce()
      } catch (error) {
        if (stopped.signal.aborted) return
        // Ended by us, for another token.
        if (connection.signal.aborted && connection.signal.reason === restarting) continue
        isMissing = true
        parameters.onBroken(error instanceof ProblemError ? error.status : null)
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  void run()
  return {
    restart: () => connection.abort(restarting),
    stop: () => stopped.abort(),
  }
}

const restarting = 'restarting'

async function connect(
  { url, readToken }: FollowStreamParameters,
  { lastId, signal }: { readonly lastId: string | null; readonly signal: AbortSignal },
): Promise<ReadableStream<Uint8Array>> {
  const token = readToken()
  const headers = new Headers({ accept: 'text/event-stream' })
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  if (lastId !== null) headers.set('last-event-id', lastId)
  const response = await fetch(url, { headers, signal, cache: 'no-store' })
  if (response.ok && response.body) return response.body
  throw new ProblemError({ status: response.status, title: undefined, detail: undefined })
}

/** The text as it arrives; a connection that has said nothing for long is ended. */
async function* textsOf(
  body: ReadableStream<Uint8Array>,
  connection: AbortController,
): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const timer = setTimeout(() => connection.abort('silent'), silenceMsMax)
    const { done, value } = await reader.read().finally(() => clearTimeout(timer))
    if (done) return
    yield decoder.decode(value, { stream: true })
  }
}
