/** What a recompute cost over a history of some length. */
export type Growth = {
  readonly days: number
  /** CPU time of one recompute, ms. */
  readonly cpuMs: number
  readonly rows: number
  /** On disk after the first generation, and after all of them. */
  readonly bytesOfOne: number
  readonly bytesAfterAll: number
}

const differenceMax = 0.2
const diskRatioMax = 1.3

/**
 * A sentence for each promise that the figures break: CPU time and rows written are those of the
 * first length of history, ± 20 %, and disk at most 1.3 times that after one generation.
 */
export function growthProblems(all: readonly Growth[]): string[] {
  const first = all[0]
  if (!first) return []
  return all.flatMap((each) => {
    const { days, bytesOfOne, bytesAfterAll } = each
    const ratio = bytesAfterAll / bytesOfOne
    const cpu = { name: 'CPU time, ms,', now: each.cpuMs, reference: first.cpuMs }
    const rows = { name: 'Rows written', now: each.rows, reference: first.rows }
    const differing = [cpu, rows]
      .filter(({ now, reference }) => !(Math.abs(now / reference - 1) <= differenceMax))
      .map(({ name, now, reference }) => {
        const figures = `${Math.round(now)}, over ${first.days} days ${Math.round(reference)}`
        return `${name} over ${days} days: ${figures}; they may differ by 20 %.`
      })
    if (ratio <= diskRatioMax) return differing
    const grown = `Disk over ${days} days is ${ratio.toFixed(2)} × that of one generation`
    return [...differing, `${grown}; at most ${diskRatioMax} is allowed.`]
  })
}
