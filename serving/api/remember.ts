/** How long an answer serves, ms. */
export type Freshness = {
  readonly freshMs: number
  /** Up to this age it is still given out while a newer one is on its way; default: never. */
  readonly staleMs?: number
}

/**
 * A read whose answer serves for a while: callers in that time, and those who ask while it is
 * under way, share it. A failure is not kept.
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
    // Whoever asks after the stale answer has run out is told of the failure.
    next.catch(() => {})
    return kept.answer
  }
}
