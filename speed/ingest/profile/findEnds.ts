import { ContradictionError } from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import { hasOnlyEnds } from './cellsOfRows.ts'
import type { Columns } from './findColumns.ts'
import type { Profile } from './profileShape.ts'

export type Ends = { readonly isEnd: boolean; readonly evidence: Evidence }

type Stamped = {
  readonly columns: Columns
  readonly profile: Profile
  /** The stamps as written, in the column that decides. */
  readonly texts: Iterable<string>
}

/**
 * Whether the stamps are those of ends: said, or no other stamp is there, or one of them is 24:00,
 * which begins no interval.
 *
 * @throws ContradictionError where they are said to be starts, and one is 24:00.
 */
export function findEnds({ columns, profile, texts }: Stamped): Ends {
  const isOnly = hasOnlyEnds(columns)
  const midnight = profile.quantity === 'register' ? undefined : findMidnight(texts)
  if (midnight !== undefined && profile.stamp === 'start') {
    const found = `"${midnight}", which begins no interval`
    throw new ContradictionError({ field: 'stamp', said: 'start', found, where: 'one is' })
  }
  const isMeant = isOnly || midnight !== undefined
  const isEnd = profile.stamp === undefined ? isMeant : profile.stamp === 'end'
  const why = (() => {
    if (profile.stamp !== undefined) return 'set'
    if (isOnly) return 'no other stamp'
    return midnight === undefined
      ? 'nothing says it is the end'
      : `"${midnight}" begins no interval`
  })()
  return { isEnd, evidence: { field: 'stamp', value: isEnd ? 'end' : 'start', why } }
}

const offset = String.raw`(?: ?(?:Z|[+-]\d\d(?::?\d\d)?| [A-Z]{3,4}))?`
const midnight = new RegExp(`(?:[ T]|^\\d{8})24[:.h]?00(?:[:.]?00(?:[.,]0+)?)?${offset}$`)

function findMidnight(texts: Iterable<string>): string | undefined {
  for (const text of texts) if (midnight.test(text)) return text
  return undefined
}
