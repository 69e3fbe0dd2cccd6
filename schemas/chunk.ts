/** Items in order, `size` at a time; the last part may be shorter. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let first = 0; first < items.length; first += size) {
    chunks.push(items.slice(first, first + size))
  }
  return chunks
}
