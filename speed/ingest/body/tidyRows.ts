import { draftOfFields, type RowFields, textOf } from '../draft.ts'
import { placeStamps } from '../profile/placeStamps.ts'
import type { Stamp } from '../profile/stamp.ts'
import { openZone } from '../profile/zone.ts'
import { createInstantReader, hasOffset, type InstantOutcome } from '../readInstant.ts'
import type { RawItem, RawRow } from './rawRow.ts'

/** A row of tidy CSV or JSON as it arrived: its members, or why it has none. */
export type TidyRow =
  | (Omit<RawRow, 'content' | 'readAs'> & TidyFields & { readonly readAs?: RawRow['readAs'] })
  | RawRow

type TidyFields = {
  readonly fields: RowFields
  /** The first cell beyond the columns of the header. */
  readonly extraCell: string | null
  /** Nothing is cut off: where only the value is missing, it is a gap. */
  readonly isWhole: boolean
}

/**
 * Drafts of tidy rows, in their order.
 *
 * Only in a zone with clocks that change does a stamp without an offset need the rows around it:
 * then all of them are in memory.
 */
export function* itemsOfTidy(rows: Iterable<TidyRow>, zone: string): Generator<RawItem> {
  const readInstant = createInstantReader()
  if (zone === 'UTC') {
    for (const row of rows) yield itemOf(row, readInstant)
    return
  }
  const all = [...rows]
  const starts = placeStarts(all, zone)
  for (const [at, row] of all.entries()) {
    const start = starts[at]
    yield itemOf(row, start === undefined ? readInstant : () => start)
  }
}

function itemOf(row: TidyRow, readInstant: (text: string) => InstantOutcome): RawItem {
  if (!('fields' in row)) return row
  const { fields, extraCell, isWhole, index, place, original } = row
  const draft = draftOfFields(fields, readInstant)
  if (isWhole && draft.missing === 'energy_wh' && typeof draft.start === 'number') {
    return { gapLines: [place.line] }
  }
  // In the order of the rules: a missing field first, then a cell without a column name.
  const content = extraCell === null ? draft : { ...draft, extraCell }
  const readAs = row.readAs ?? { kind: 'fields' as const, fields }
  return { index, place, original, content, readAs }
}

/**
 * Instants of stamps without an offset, by meter in the order of the rows; undefined where the
 * stamp says it alone.
 */
function placeStarts(rows: readonly TidyRow[], zoneName: string): (InstantOutcome | undefined)[] {
  const zone = openZone(zoneName)
  const readWall = createInstantReader()
  const starts: (InstantOutcome | undefined)[] = rows.map(() => undefined)
  const byMeter = new Map<string, { at: number; stamp: Stamp; isLocal: boolean }[]>()
  for (const [at, row] of rows.entries()) {
    if (!('fields' in row)) continue
    const text = textOf(row.fields.start)
    const wallMs = readWall(text)
    if (typeof wallMs !== 'number') continue
    const isLocal = !hasOffset(text)
    const stamp = { wallMs, offsetMs: isLocal ? null : 0 }
    const meter = textOf(row.fields.meter)
    const sequence = byMeter.get(meter)
    if (sequence) sequence.push({ at, stamp, isLocal })
    else byMeter.set(meter, [{ at, stamp, isLocal }])
  }
  for (const sequence of byMeter.values()) {
    const stamps = sequence.map(({ stamp }) => stamp)
    const placed = placeStamps(stamps, { zone, repeatedHour: 'order' })
    for (const [index, { at, isLocal }] of sequence.entries()) {
      if (isLocal) starts[at] = placed[index]!
    }
  }
  return starts
}
