import { setTimeout as sleep } from 'node:timers/promises'
import { ViewsUnreachableError } from '../../../schemas/errors/views.ts'
import { askHttp, type HttpPlace } from '../../sockets/httpPlace.ts'

/** Turns of a timer, and not time: while we stand still ourselves nobody is judged. */
const tickMs = 250
const ticksMax = 3
/** Of a server that was silent, when it is asked whether it is back. */
const pingMsMax = 1_000

/** One server, and whether it is there, as far as its callers have noticed. */
export type Hearing = {
  /**
   * Runs a request that may take as long as it needs, while the server answers at all: after less
   * than a second without an answer it is asked whether it is there, and if there is no answer to
   * that either, the request is aborted. Until the server answers again others are refused at once:
   * who waits for a place behind them would else wait for each of them.
   *
   * @throws ViewsUnreachableError in less than two seconds when the server stands still.
   */
  unlessSilent<T>(what: string, request: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): void
}

/** @param place of the server; `/ping` answers whoever asks. */
export function createHearing(place: HttpPlace): Hearing {
  const closing = new AbortController()
  let isSilent = false
  const refuse = (what: string) => {
    const reason = `no sign of life for ${(2 * ticksMax * tickMs) / 1000} s`
    return new ViewsUnreachableError({ what, reason }, null)
  }
  const judge = () => {
    if (isSilent) return
    isSilent = true
    void untilHeard(place, closing.signal).then(() => {
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
            // Whatever it says, it is there.
            const heard = () => {
              ticks = 0
            }
            ping(place, stop.signal).then(heard, () => {})
          }
          if (ticks < 2 * ticksMax) return
          judge()
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

async function untilHeard(place: HttpPlace, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(pingMsMax)])
    const isHeard = await ping(place, signal).then(
      () => true,
      () => false,
    )
    if (isHeard) return
    await sleep(tickMs, undefined, { signal: closing, ref: false }).catch(() => {})
  }
}

/** Resolves with any answer. */
async function ping(place: HttpPlace, signal: AbortSignal): Promise<void> {
  const answer = await askHttp(place, { method: 'GET', path: '/ping', signal })
  answer.on('error', () => {}).resume()
}
