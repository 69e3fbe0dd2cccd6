import { toJson } from '../../schemas/units.ts'

/**
 * The first field in which a stated record differs from the recomputed one, as half a sentence, or
 * null. Only fields of the recomputed record are compared.
 *
 * @example
 * differenceOf({ pay: 5n }, { pay: 4n }) // 'pay is stated as 5 and recomputes to 4'
 */
export function differenceOf<T extends object>(stated: T, recomputed: Partial<T>): string | null {
  for (const name of Object.keys(recomputed) as (keyof T & string)[]) {
    const [left, right] = [textOf(stated[name]), textOf(recomputed[name])]
    if (left !== right) return `${name} is stated as ${cut(left)} and recomputes to ${cut(right)}`
  }
  return null
}

/** Fields in a fixed order, so that equal values give equal text. */
function textOf(value: unknown): string {
  return toJson(sortFields(value)) ?? 'nothing'
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(fields.map(([name, each]) => [name, sortFields(each)]))
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
