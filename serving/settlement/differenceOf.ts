import { toJson } from '../../schemas/units.ts'

/** A field and both its values, as JSON of at most 120 characters. */
export type Difference = {
  readonly field: string
  readonly stated: string
  readonly recomputed: string
}

/**
 * The first field in which a stated record differs from the recomputed one, or null. Only fields
 * of the recomputed record are compared.
 *
 * @example
 * differenceOf({ pay: 5n }, { pay: 4n }) // { field: 'pay', stated: '5', recomputed: '4' }
 */
export function differenceOf<T extends object>(
  stated: T,
  recomputed: Partial<T>,
): Difference | null {
  for (const name of Object.keys(recomputed) as (keyof T & string)[]) {
    const [left, right] = [textOf(stated[name]), textOf(recomputed[name])]
    if (left !== right) return { field: name, stated: cut(left), recomputed: cut(right) }
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
