import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import type { Participant } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { meteredTerms } from '../settlement/sumTerms.ts'

export type ComparedRow = Pick<
  Deviation,
  'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'deviationW'
> & { readonly origin: 'batch' | 'speed' }

/**
 * The rows of a participant: those of its meter, or the signed sums of its terms. An interval that
 * a term misses, or has with another length, is missing.
 */
export function sumRows(
  participant: Participant,
  rowsOf: ReadonlyMap<MeterId, readonly ComparedRow[]>,
): readonly ComparedRow[] {
  const { meter } = participant
  const [first, ...others] = meteredTerms(participant)
  if (!first) return []
  const own = (rowsOf.get(first.meter) ?? []).map((row) => weigh(row, first.sign, meter))
  return others.reduce<readonly ComparedRow[]>((sums, { meter: other, sign }) => {
    const rowAt = new Map((rowsOf.get(other) ?? []).map((row) => [row.startMs, row]))
    return sums.flatMap((sum) => {
      const row = rowAt.get(sum.startMs)
      return row?.durationS === sum.durationS ? [addRows(sum, weigh(row, sign, meter))] : []
    })
  }, own)
}

function weigh(row: ComparedRow, sign: number, meter: MeterId): ComparedRow {
  if (sign === 1 && row.meter === meter) return row
  const { energyMwh, deviationW } = row
  const deviation = deviationW === null ? null : sign * deviationW
  return { ...row, meter, energyMwh: sign * energyMwh, deviationW: deviation }
}

function addRows(left: ComparedRow, right: ComparedRow): ComparedRow {
  const isBoth = left.deviationW !== null && right.deviationW !== null
  return {
    ...left,
    energyMwh: left.energyMwh + right.energyMwh,
    deviationW: isBoth ? left.deviationW + right.deviationW : null,
    // It is as fresh as its freshest part.
    origin: right.origin === 'speed' ? 'speed' : left.origin,
  }
}
