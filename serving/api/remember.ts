/**
 * A read whose answer serves for a while: callers in that time, and those who ask while it is
 * under way, share it. A failure is not kept.
 */
export function remember<T>(milliseconds: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; freshUntil: number } | null = null
  return () => {
    if (kept && performance.now() < kept.freshUntil) return kept.answer
    const entry = { answer: read(), freshUntil: Number.POSITIVE_INFINITY }
    kept = entry
    entry.answer.then(
      () => {
        entry.freshUntil = performance.now() + milliseconds
      },
      () => {
        if (kept === entry) kept = null
      },
    )
    return entry.answer
  }
}
