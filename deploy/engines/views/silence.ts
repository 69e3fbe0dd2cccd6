import { ViewsUnreachableError } from '../../../schemas/errors/views.ts'

/** Turns of a timer, and not time: while we stand still ourselves nobody is judged. */
const tickMs = 250
const ticksMax = 3

/**
 * Runs a request that may take as long as it needs, while the server answers at all: after less
 * than a second without an answer it is asked whether it is there, and if there is no answer to
 * that either, the request is aborted.
 *
 * @throws ViewsUnreachableError in less than two seconds when the server stands still.
 */
export async function unlessSilent<T>(
  server: { readonly url: string; readonly what: string },
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  let ticks = 0
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      ticks += 1
      if (ticks === ticksMax) {
        // Whatever it says, it is there. A refused connection fails the request itself.
        const heard = () => {
          ticks = 0
        }
        fetch(`${server.url}/ping`, { signal: stop.signal }).then(heard, () => {})
      }
      if (ticks < 2 * ticksMax) return
      const reason = `no sign of life for ${(ticks * tickMs) / 1000} s`
      reject(new ViewsUnreachableError({ what: server.what, reason }, null))
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
}
