import type { RegisterRead } from '../../schemas/reading/register.ts'
import { type Series, seriesOf } from './enterRegisters.ts'
import { groupBy } from './groupBy.ts'

/**
 * Registers that this process keeps and has not said: the store or the log failed between the two.
 * Who comes next in their series says their time anew.
 */
export type UnsaidRegisters = {
  /** The first and the last of each of the series that some registers are of. */
  near(registers: readonly Series[]): readonly RegisterRead[]
  add(registers: readonly RegisterRead[]): void
  /** All of these series is said. */
  clear(registers: readonly Series[]): void
}

export function openUnsaidRegisters(): UnsaidRegisters {
  const unsaid = new Map<string, readonly RegisterRead[]>()
  return {
    near: (registers) => {
      if (unsaid.size === 0) return []
      return [...new Set(registers.map(seriesOf))].flatMap((series) => unsaid.get(series) ?? [])
    },
    add: (registers) => {
      for (const [series, own] of groupBy(registers, seriesOf)) {
        unsaid.set(series, endsOf([...(unsaid.get(series) ?? []), ...own]))
      }
    },
    clear: (registers) => {
      for (const each of registers) unsaid.delete(seriesOf(each))
    },
  }
}

function endsOf(registers: readonly RegisterRead[]): readonly RegisterRead[] {
  let [first, last] = [registers[0]!, registers[0]!]
  for (const each of registers) {
    if (each.atMs < first.atMs) first = each
    if (each.atMs > last.atMs) last = each
  }
  return [first, last]
}
