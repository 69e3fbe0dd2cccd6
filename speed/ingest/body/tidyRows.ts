import { draftOfFields, hasLocalStamp, type RowFields, textOf } from '../draft.ts'
import {
  chooseZone,
  clockOfTaken,
  type EnrolledZones,
  requireOneZone,
  type ZoneTaken,
} from '../profile/chooseZone.ts'
import { placeStamps } from '../profile/placeStamps.ts'
import type { GapKind } from '../profile/reading.ts'
import type { Stamp } from '../profile/stamp.ts'
import type { Zone } from '../profile/zone.ts'
import { createInstantReader, type InstantOutcome, isLocalStamp } from '../readInstant.ts'
import { refuse } from '../refusal.ts'
import type { RawItem, RawRow } from './rawRow.ts'

/** A row of tidy CSV or JSON as it arrived: its members, or why it has none. */
export type TidyRow =
  | (Omit<RawRow, 'content' | 'readAs'> & TidyFields & { readonly readAs?: RawRow['readAs'] })
  | RawRow

type TidyFields = {
  readonly fields: RowFields
  /** The first cell beyond the columns of the header. */
  readonly extraCell: string | null
  /** What it is where only its value is missing; null where that is an error. */
  readonly gapKind: GapKind | null
}

export type ItemsOfTidy = {
  readonly items: Iterable<RawItem>
  /** Null where no zone is said and each stamp has an offset. */
  readonly zone: ZoneTaken | null
}

/**
 * Drafts of tidy rows, in their order; where no zone is said, stamps without an offset are read in
 * the one that their meters are enrolled in.
 *
 * Only for those stamps, of a zone with clocks that change, all rows have to be in memory, as the
 * rows around one show which hour it is in.
 *
 * @throws ZonesDifferError
 */
export function itemsOfTidy(
  rows: Iterable<TidyRow>,
  said: string | undefined,
  enrolled?: EnrolledZones,
): ItemsOfTidy {
  if (said !== undefined) {
    const zone = { name: said, by: 'said', why: 'set' } as const
    return { items: said === 'UTC' ? inUtc(rows, zone) : inZone([...rows], zone), zone }
  }
  const all = [...rows]
  const local = all.filter(isLocal)
  if (local.length === 0) return { items: inUtc(all, null), zone: null }
  const choice = chooseZone(undefined, local.map(meterOf), enrolled)
  requireOneZone(choice)
  const { taken: zone } = choice
  return { items: zone.name === 'UTC' ? inUtc(all, zone) : inZone(all, zone), zone }
}

function isLocal(row: TidyRow): boolean {
  return 'fields' in row && hasLocalStamp(row.fields)
}

function meterOf(row: TidyRow): string {
  return 'fields' in row ? textOf(row.fields.meter) : ''
}

function* inUtc(rows: Iterable<TidyRow>, zone: ZoneTaken | null): Generator<RawItem> {
  const readInstant = createInstantReader()
  for (const row of rows) yield itemOf(row, readInstant, zone)
}

function* inZone(rows: readonly TidyRow[], zone: ZoneTaken): Generator<RawItem> {
  const readWall = createInstantReader()
  const clock = clockOfTaken(zone)
  const starts = placeStarts(rows, clock)
  for (const [at, row] of rows.entries()) {
    const start = starts[at]
    const text = 'fields' in row ? textOf(row.fields.start) : ''
    // The rows around it place a start; of when it was said the later of two hours counts.
    const readInstant = (each: string) => {
      if (start !== undefined && each === text) return start
      const wallMs = readWall(each)
      if (typeof wallMs !== 'number' || !isLocalStamp(each)) return wallMs
      return clock.instantsOf(wallMs).at(-1) ?? refuse('not-in-calendar', { text: each })
    }
    yield itemOf(row, readInstant, zone)
  }
}

function itemOf(
  row: TidyRow,
  readInstant: (text: string) => InstantOutcome,
  zone: ZoneTaken | null,
): RawItem {
  if (!('fields' in row)) return row
  const { fields, extraCell, gapKind, index, place, original } = row
  const draft = draftOfFields(fields, readInstant)
  if (gapKind !== null && draft.missing === 'energy_wh' && typeof draft.start === 'number') {
    return { gaps: [{ line: place.line, why: gapKind }] }
  }
  // In the order of the rules: a missing field first, then a cell without a column name.
  const content = extraCell === null ? draft : { ...draft, extraCell }
  return { index, place, original, content, readAs: readAsOf(row, zone) }
}

/** A stamp whose zone nothing said is read again in the one that its meter has by then. */
function readAsOf({ readAs, fields }: TidyFields & Partial<RawRow>, zone: ZoneTaken | null) {
  if (readAs?.kind === 'element') {
    return zone === null || zone.by === 'default' ? readAs : { ...readAs, zone: zone.name }
  }
  const isZoneOpen = zone?.by === 'default' && isLocalStamp(textOf(fields.start))
  return readAs ?? { kind: 'fields' as const, fields, ...(isZoneOpen ? { isZoneOpen } : {}) }
}

/**
 * Instants of stamps without an offset, by meter in the order of the rows; undefined where the
 * stamp says it alone.
 */
function placeStarts(rows: readonly TidyRow[], zone: Zone): (InstantOutcome | undefined)[] {
  const readWall = createInstantReader()
  const starts: (InstantOutcome | undefined)[] = rows.map(() => undefined)
  const byMeter = new Map<string, { at: number; stamp: Stamp; isLocal: boolean }[]>()
  for (const [at, row] of rows.entries()) {
    if (!('fields' in row)) continue
    const text = textOf(row.fields.start)
    const wallMs = readWall(text)
    if (typeof wallMs !== 'number') continue
    const isLocal = isLocalStamp(text)
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
