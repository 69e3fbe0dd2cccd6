import type { Address } from '../ids.ts'
import type { EpochMs } from '../time.ts'

/**
 * The occupant that a site is settled with, from an instant until the next occupancy. Debts,
 * balances and consumption of a former occupant do not pass to the next one.
 */
export type Occupancy = {
  readonly site: string
  /** Local midnight of the site. */
  readonly fromMs: EpochMs
  /** Null where the site is vacant. */
  readonly account: Address | null
}

/** The occupancy of a site at an instant, with its end; null before the first one. */
export function occupancyAt(
  occupancies: readonly Occupancy[],
  ms: EpochMs,
): (Occupancy & { readonly untilMs: EpochMs }) | null {
  const inOrder = [...occupancies].sort((left, right) => left.fromMs - right.fromMs)
  const index = inOrder.findLastIndex(({ fromMs }) => fromMs <= ms)
  if (index < 0) return null
  const untilMs = inOrder[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY
  return { ...inOrder[index]!, untilMs }
}
