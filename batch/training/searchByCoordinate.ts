export type Candidates<T> = { readonly [Key in keyof T]: readonly T[Key][] }

/**
 * Tries the candidates of one setting after another, in the order of `candidates`, keeping the
 * best; settings are not combined, which needs twenty fits instead of two hundred. Ties keep the
 * current value, so the same scores give the same choice.
 *
 * @param score lower is better; NaN never wins.
 */
export async function searchByCoordinate<T extends Record<string, unknown>>(
  start: T,
  candidates: Candidates<T>,
  score: (settings: T) => Promise<number>,
): Promise<{ readonly settings: T; readonly score: number }> {
  let settings = start
  let best = await score(start)
  for (const key of Object.keys(candidates) as (keyof T)[]) {
    const before = settings
    for (const value of candidates[key]) {
      if (value === before[key]) continue
      const tried = { ...before, [key]: value }
      const reached = await score(tried)
      if (!(reached < best) && !Number.isNaN(best)) continue
      settings = tried
      best = reached
    }
  }
  return { settings, score: best }
}
