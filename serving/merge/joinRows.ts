import { partOfMember } from '../../schemas/deviation/sumGroup.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type ComparedRow, figuresOf, originOf } from './sumRows.ts'

/**
 * A meter's rows with those shorter than the event's intervals joined to one an interval, as
 * settlement adds its readings up; where a part is missing they stay as they are.
 *
 * @param rows of one meter, in order of time.
 */
export function joinRows(
  { startMs: fromMs, intervalS }: Pick<DrEvent, 'startMs' | 'intervalS'>,
  rows: readonly ComparedRow[],
): readonly ComparedRow[] {
  if (rows.every(({ durationS }) => durationS >= intervalS)) return rows
  const stepMs = intervalS * 1000
  const parts = new Map<EpochMs, ComparedRow[]>()
  for (const row of rows) {
    const startMs = fromMs + Math.floor((row.startMs - fromMs) / stepMs) * stepMs
    const known = parts.get(startMs)
    if (known) known.push(row)
    else parts.set(startMs, [row])
  }
  return [...parts].flatMap(([startMs, own]) => joinPart(own, { startMs, intervalS }) ?? own)
}

/** Null unless they fill the whole interval, all of one length: see `partOfMember`. */
function joinPart(
  rows: readonly ComparedRow[],
  { startMs, intervalS }: { readonly startMs: EpochMs; readonly intervalS: number },
): ComparedRow | null {
  const [first] = rows
  if (!first || rows.length === 1 || rows.length * first.durationS !== intervalS) return null
  const rowAt = new Map(rows.map((row) => [row.startMs, row]))
  const part = partOfMember({
    ...{ startMs, stepS: intervalS, intervalS: first.durationS },
    rowAt: (ms) => rowAt.get(ms),
  })
  return part && { ...first, durationS: intervalS, ...figuresOf(part), origin: originOf(rows) }
}
