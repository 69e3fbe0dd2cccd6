/**
 * Fewest homes whose sum anybody may see.
 *
 * A home knows its own figure, so a sum of two tells it the other's, and two neighbours who compare
 * notes read the third out of three. With five, even three of them are left with two to guess.
 */
const openHomesMin = 5

/** Whether a sum over so many homes may be shown without the token. */
export function isOpenSum(homes: number): boolean {
  return homes >= openHomesMin
}
