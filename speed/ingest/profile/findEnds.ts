import { ContradictionError, TwoAnswersError } from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import { builtInProfiles } from './builtInProfiles.ts'
import { hasOnlyEnds } from './cellsOfRows.ts'
import type { Columns } from './findColumns.ts'
import { namesAllOf } from './findRoles.ts'
import type { Profile } from './profileShape.ts'

export type Ends = { readonly isEnd: boolean; readonly evidence: Evidence }

type Stamped = {
  readonly columns: Columns
  readonly profile: Profile
  readonly header: readonly string[]
  /** The stamps as written, in the column that decides. */
  readonly texts: Iterable<string>
}

/**
 * Whether the stamps are those of ends: said, or no other stamp is there, or one of them is 24:00,
 * which begins no interval.
 *
 * @throws ContradictionError where they are said to be starts, and one is 24:00; TwoAnswersError
 * where nothing is said, and they are ends in the exports that have such columns.
 */
export function findEnds({ columns, profile, header, texts }: Stamped): Ends {
  const isOnly = hasOnlyEnds(columns)
  const midnight = profile.quantity === 'register' ? undefined : findMidnight(texts)
  if (midnight !== undefined && profile.stamp === 'start') {
    const found = `"${midnight}", which begins no interval`
    throw new ContradictionError({ field: 'stamp', said: 'start', found, where: 'one is' })
  }
  const isMeant = isOnly || midnight !== undefined
  if (!isMeant) refuseKnownEnds({ columns, profile, header, texts })
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

/** A file with exactly the columns of a built-in profile of ends, read without it. */
function refuseKnownEnds({ columns, profile, header, texts }: Stamped): void {
  const isSaid = profile.stamp !== undefined || profile.columns !== undefined
  if (isSaid || profile.quantity === 'register' || columns.layout !== 'tidy') return
  if (columns.at.end !== undefined || columns.at.endTime !== undefined) return
  const known = [...builtInProfiles.values()].find((each) => {
    return each.stamp === 'end' && each.layout === 'tidy' && namesAllOf(header, each)
  })
  if (!known) return
  const [example = ''] = texts
  throw new TwoAnswersError({
    ...{ field: `stamp, or profile to ${known.name}`, example: `"${example}"` },
    left: 'the start of its interval',
    right: `its end, as in the exports of ${known.name} (end)`,
  })
}

const offset = String.raw`(?: ?(?:Z|[+-]\d\d(?::?\d\d)?| [A-Z]{3,4}))?`
const midnight = new RegExp(`(?:[ T]|^\\d{8})24[:.h]?00(?:[:.]?00(?:[.,]0+)?)?${offset}$`)

function findMidnight(texts: Iterable<string>): string | undefined {
  for (const text of texts) if (midnight.test(text)) return text
  return undefined
}
