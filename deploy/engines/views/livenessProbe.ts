import { setTimeout as sleep } from 'node:timers/promises'
import { ViewsSilentError } from '../../../schemas/errors/views.ts'
import { askHttp, type HttpPlace } from '../../sockets/httpPlace.ts'

/** Counted in ticks of a timer and not by a clock: our own pause is no silence of the server. */
const tickMs = 250
const ticksMax = 3
/** How long a silent server has to answer a ping. */
const pingMsMax = 1_000

/** Whether one server answers, as far as its callers have noticed. */
export type LivenessProbe = {
  /**
   * Runs a request that may take as long as it needs, while the server answers at all: after less
   * than a second without an answer the server is pinged, and if it does not answer that either,
   * the request is aborted. Until it answers again, requests are refused at once: those queued
   * behind them would otherwise wait for each of them in turn.
   *
   * @throws ViewsSilentError in less than two seconds when the server stands still.
   */
  unlessSilent<T>(what: string, request: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): void
}

/** @param place where the server listens; its `/ping` needs no password. */
export function createLivenessProbe(place: HttpPlace): LivenessProbe {
  const closing = new AbortController()
  let isSilent = false
  const refuse = (what: string) => {
    return new ViewsSilentError({ what, silentS: (2 * ticksMax * tickMs) / 1000 })
  }
  const markSilent = () => {
    if (isSilent) return
    isSilent = true
    void untilAnswered(place, closing.signal).then(() => {
      isSilent = false
    })
  }
  return {
    async unlessSilent(what, request) {
      if (isSilent) throw refuse(what)
      const stop = new AbortController()
      let ticks = 0
      let timer: NodeJS.Timeout | undefined
      const silent = new Promise<never>((_, reject) => {
        timer = setInterval(() => {
          ticks += 1
          if (ticks === ticksMax) {
            // Any answer will do, an error too.
            const answered = () => {
              ticks = 0
            }
            ping(place, stop.signal).then(answered, () => {})
          }
          if (ticks < 2 * ticksMax) return
          markSilent()
          reject(refuse(what))
        }, tickMs)
      })
      let isOver = false
      try {
        const answer = await Promise.race([request(stop.signal), silent])
        isOver = true
        return answer
      } finally {
        clearInterval(timer)
        // An answer that is a stream is read after this.
        if (!isOver) stop.abort()
      }
    },
    close: () => closing.abort(),
  }
}

async function untilAnswered(place: HttpPlace, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(pingMsMax)])
    const isAnswered = await ping(place, signal).then(
      () => true,
      () => false,
    )
    if (isAnswered) return
    await sleep(tickMs, undefined, { signal: closing, ref: false }).catch(() => {})
  }
}

/** Resolves with any answer. */
async function ping(place: HttpPlace, signal: AbortSignal): Promise<void> {
  const answer = await askHttp(place, { method: 'GET', path: '/ping', signal })
  answer.on('error', () => {}).resume()
}
