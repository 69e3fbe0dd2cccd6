export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Path = readonly (string | number)[]

/** The places where a value can be changed: every leaf and every list in it. For tests. */
export function listPaths(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries: [string | number, Json][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  // Only the first, the middle and the last entry of a long list.
  const kept = entries.filter(
    (_, at) =>
      !Array.isArray(value) ||
      entries.length < 14 ||
      [0, entries.length >> 1, entries.length - 1].includes(at),
  )
  const below = kept.flatMap(([name, each]) => listPaths(each, [...path, name]))
  return Array.isArray(value) ? [path, ...below] : below
}

/** A leaf value changed a little; a list with its last item removed or repeated. */
export function changesOf(whole: Json, path: Path): Json[] {
  const value = path.reduce<Json>((each, name) => (each as { [name: string]: Json })[name]!, whole)
  return otherValues(value).map((other) => {
    const copy = structuredClone(whole)
    const parent = path
      .slice(0, -1)
      .reduce<Json>((each, name) => (each as { [name: string]: Json })[name]!, copy)
    ;(parent as { [name: string]: Json })[path.at(-1)!] = other
    return copy
  })
}

function otherValues(value: Json): Json[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return []
    return [value.slice(0, -1), [...value, value.at(-1)!]]
  }
  if (value === null) return [5]
  if (typeof value === 'number') return [value + 1, value - 1]
  const text = String(value)
  if (!text.startsWith('0x')) return [text.replace(/.$/, (last) => (last === '1' ? '2' : '1'))]
  return [text.replace(/[0-9a-f]{2}$/, (last) => (last === '11' ? '22' : '11'))]
}
