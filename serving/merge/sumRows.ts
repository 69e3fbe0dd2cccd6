import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import { type MemberPart, partOfSite } from '../../schemas/deviation/sumGroup.ts'
import type { Participant } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { wholeMilliwatts } from '../../schemas/units.ts'
import { meteredTerms } from '../settlement/sumTerms.ts'

export type ComparedRow = Pick<
  Deviation,
  'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'deviationW'
> & { readonly origin: 'batch' | 'speed' }

/**
 * The rows of a participant: those of its meter, or the signed sums of its terms as those of a
 * site in a group (`partOfSite`). An interval that a term misses, or has with another length, is
 * missing.
 */
export function sumRows(
  participant: Participant,
  rowsOf: ReadonlyMap<MeterId, readonly ComparedRow[]>,
): readonly ComparedRow[] {
  const { meter } = participant
  const terms = meteredTerms(participant)
  const [first] = terms
  const own = (first && rowsOf.get(first.meter)) ?? []
  if (terms.length === 1 && first?.sign === 1 && first.meter === meter) return own
  const rowsAt = terms.map((term) => {
    return new Map((rowsOf.get(term.meter) ?? []).map((row) => [row.startMs, row]))
  })
  return own.flatMap((row) => {
    const rows = rowsAt.flatMap((each) => each.get(row.startMs) ?? [])
    const isWhole =
      rows.length === terms.length && rows.every((each) => each.durationS === row.durationS)
    const part = isWhole
      ? partOfSite(
          terms.map(({ sign }, at) => ({ sign, row: rows[at]! })),
          (term) => partOfRow(term.row),
        )
      : null
    return part ? [{ ...row, meter, ...figuresOf(part), origin: originOf(rows) }] : []
  })
}

function partOfRow({ energyMwh, deviationW }: ComparedRow): MemberPart {
  return { energyMwh, deviationMw: wholeMilliwatts(deviationW ?? Number.NaN) }
}

/** What a row says of a part. */
export function figuresOf({
  energyMwh,
  deviationMw,
}: MemberPart): Pick<ComparedRow, 'energyMwh' | 'deviationW'> {
  return { energyMwh, deviationW: Number.isNaN(deviationMw) ? null : deviationMw / 1000 }
}

/** A sum is as fresh as its freshest part. */
export function originOf(rows: readonly ComparedRow[]): ComparedRow['origin'] {
  return rows.some(({ origin }) => origin === 'speed') ? 'speed' : 'batch'
}
