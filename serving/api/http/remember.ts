import { TooManyQuestionsError } from '../../../schemas/errors/request.ts'

/** How long an answer is fresh, ms. */
export type Freshness = {
  readonly freshMs: number
  /** Up to this age it is still returned while a newer one is being read; default: never. */
  readonly staleMs?: number
}

/**
 * Caches a read for a while: callers in that time, and those while it is
 * under way, share it. A failure is not cached.
 */
export function remember<T>(freshness: Freshness, read: () => Promise<T>): () => Promise<T> {
  const { freshMs, staleMs = freshMs } = freshness
  let kept: { readonly answer: Promise<T>; readonly at: number } | null = null
  let running: Promise<T> | null = null
  const start = (): Promise<T> => {
    running ??= read()
      .then((answer) => {
        kept = { answer: Promise.resolve(answer), at: performance.now() }
        return answer
      })
      .finally(() => {
        running = null
      })
    return running
  }
  return () => {
    const ageMs = kept ? performance.now() - kept.at : Number.POSITIVE_INFINITY
    if (kept && ageMs < freshMs) return kept.answer
    const next = start()
    if (!kept || ageMs >= staleMs) return next
    // Callers after the stale answer has expired get the failure.
    next.catch(() => {})
    return kept.answer
  }
}

export type ShareReadsOptions = {
  readonly freshMs: number
  /** The number of keys that wait, are being read or are fresh at one time. */
  readonly keysMax: number
}

/**
 * Caches expensive reads by key: equal requests share an answer, which is then kept for
 * `freshMs` and dropped; different ones are read one after another.
 *
 * Rejects with TooManyQuestionsError when there are too many. A failure is not cached.
 */
export function shareReads<T>(
  { freshMs, keysMax }: ShareReadsOptions,
  read: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const shared = new Map<string, Promise<T>>()
  let last: Promise<unknown> = Promise.resolve()
  return async (key) => {
    const known = shared.get(key)
    if (known) return known
    if (shared.size >= keysMax) throw new TooManyQuestionsError({ questionsMax: keysMax })
    const answer = last.then(() => read(key))
    const forget = () => void shared.delete(key)
    shared.set(key, answer)
    last = answer.then(() => void setTimeout(forget, freshMs).unref(), forget)
    return answer
  }
}
