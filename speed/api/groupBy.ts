/** In the order of their first members. */
export function groupBy<Of>(all: readonly Of[], keyOf: (each: Of) => string): Map<string, Of[]> {
  const groups = new Map<string, Of[]>()
  for (const each of all) {
    const key = keyOf(each)
    const own = groups.get(key)
    if (own) own.push(each)
    else groups.set(key, [each])
  }
  return groups
}
