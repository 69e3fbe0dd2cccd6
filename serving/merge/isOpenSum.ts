/**
 * Fewest meters whose sum is public.
 *
 * A household knows its own figure, so a sum of two reveals the other's, and two neighbours who
 * compare notes can derive the third of three. With five, even three of them still face two
 * unknowns.
 */
const openSumMetersMin = 5

/** Whether a sum over this many meters may be shown without the token. */
export function isOpenSum(meters: number): boolean {
  return meters >= openSumMetersMin
}
