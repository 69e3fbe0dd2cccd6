import type { DrEvent } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { ComparedRow } from './sumRows.ts'

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

/** Null unless they follow each other through the whole interval, all of one length. */
function joinPart(
  rows: readonly ComparedRow[],
  { startMs, intervalS }: { readonly startMs: EpochMs; readonly intervalS: number },
): ComparedRow | null {
  const [first] = rows
  if (!first || rows.length === 1) return null
  const partMs = first.durationS * 1000
  const isFilled =
    rows.length * first.durationS === intervalS &&
    rows.every((row, at) => {
      return row.durationS === first.durationS && row.startMs === startMs + at * partMs
    })
  if (!isFilled) return null
  const deviations = rows.flatMap(({ deviationW }) => deviationW ?? [])
  const sumW = deviations.reduce((sum, each) => sum + each, 0)
  return {
    ...first,
    durationS: intervalS,
    energyMwh: rows.reduce((sum, { energyMwh }) => sum + energyMwh, 0),
    deviationW: deviations.length === rows.length ? sumW / rows.length : null,
    // It is as fresh as its freshest part.
    origin: rows.some(({ origin }) => origin === 'speed') ? 'speed' : first.origin,
  }
}
