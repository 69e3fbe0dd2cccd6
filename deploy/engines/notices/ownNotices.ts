import type { Notices } from '../../../schemas/ports/notices.ts'

/** Notices within one process. */
export function createOwnNotices(): Notices {
  const waiting = new Set<() => void>()
  let seen = 0
  const announce = () => {
    seen += 1
    for (const each of [...waiting]) each()
  }
  return {
    get seen() {
      return seen
    },
    announce,
    wait: (known, { msMax, signal }) =>
      new Promise((resolve) => {
        if (seen !== known || signal.aborted) return resolve()
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          waiting.delete(end)
          resolve()
        }
        const timer = setTimeout(end, msMax)
        signal.addEventListener('abort', end)
        waiting.add(end)
      }),
    close: announce,
  }
}
