/**
 * Fewest meters whose sum is public.
 *
 * A household knows its own figure, so a sum of two reveals the other's, and two neighbours who
 * compare notes can derive the third of three. With five, even three of them still face two
 * unknowns.
 */
const openHomesMin = 5

/** Whether a sum over this many meters may be shown without the token. */
export function isOpenSum(homes: number): boolean {
  return homes >= openHomesMin
}
