import { TooLargeError } from '../../../schemas/errors/request.ts'
import type { Reading, Rejection } from '../../../schemas/reading/reading.ts'
import type { RegisterRead } from '../../../schemas/reading/register.ts'
import type { RosterOf } from '../../../schemas/reading/roster.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { isRefusal, noSource, type SaidBy } from '../judgeDraft.ts'
import { ingestLimits } from '../limits.ts'
import { type EnrolledZones, evidenceOfTaken, type ZoneTaken } from '../profile/chooseZone.ts'
import { addGaps } from '../profile/countGaps.ts'
import type { Profile } from '../profile/profileShape.ts'
import type { GapCounts, GapKind } from '../profile/reading.ts'
import { readWithProfile } from '../profile/readWithProfile.ts'
import type { Refusal } from '../refusal.ts'
import { hasByteOrderMark, type NumberedLine, splitLines } from '../splitLines.ts'
import { elementsOfArray } from '../table/jsonElements.ts'
import type { Evidence } from '../table/table.ts'
import type { BodyFormat } from './format.ts'
import { judgeRow } from './judgeRow.ts'
import { placeOfRefusal } from './placeOfRefusal.ts'
import type { RawItem, RawRow } from './rawRow.ts'
import { readAsText } from './readAs.ts'
import { profileOfRegisterFile } from './registerFile.ts'
import { rowsOfFrame } from './rowsOfFrame.ts'
import { rowsOfJson } from './rowsOfJson.ts'
import { itemsOfOutcome, withRegisters } from './rowsOfProfile.ts'
import { rowsOfTidy } from './rowsOfTidy.ts'
import { itemsOfTidy, type TidyRow } from './tidyRows.ts'

export type ParseBodyOptions = {
  readonly format: BodyFormat
  readonly nowMs: EpochMs
  /** File name or client. */
  readonly source: string
  readonly by?: SaidBy
  readonly rowsMax?: number
  readonly enrolled?: EnrolledZones
  /** The rosters that frames may name. */
  readonly rosterOf?: RosterOf
}

/** A reading with its original bytes, in case its meter turns out to be unknown. */
export type ParsedRow = { readonly reading: Reading; readonly row: RawRow }

export type ParsedRegister = { readonly register: RegisterRead; readonly row: RawRow }

export type ParsedBody = {
  readonly rows: readonly ParsedRow[]
  /** Not differenced: what is before and after them may be of another request. */
  readonly registers: readonly ParsedRegister[]
  readonly rejections: readonly Rejection[]
  /** Cells of a table, or rows of a tidy one, that say nothing. */
  readonly gapsByKind: GapCounts
  /** What was said and what was detected of a table; empty of rows that are exactly tidy. */
  readonly evidence: readonly Evidence[]
  /** Null where each stamp says its own offset. */
  readonly zone: ZoneTaken | null
}

/**
 * Readings and rejections of one body: every row becomes one or the other.
 *
 * @throws InvalidArgumentError when the body as a whole cannot be read; TooLargeError when it has
 * more than `rowsMax` rows.
 */
export function parseBody(body: Uint8Array, options: ParseBodyOptions): ParsedBody {
  const rows: ParsedRow[] = []
  const registers: ParsedRegister[] = []
  const rejections: Rejection[] = []
  const rowsMax = options.rowsMax ?? ingestLimits.rowsMax
  const gapsByKind: Partial<Record<GapKind, number>> = {}
  const { items, evidence, zone } = itemsOf(body, options)
  for (const item of items) {
    if ('gaps' in item) {
      addGaps(gapsByKind, item.gaps)
      continue
    }
    if (rows.length + registers.length + rejections.length >= rowsMax) {
      throw new TooLargeError({ readingsMax: rowsMax })
    }
    const by = saidBy(item, options.by)
    const outcome = judgeRow(item, options.nowMs, by)
    if (isRefusal(outcome)) rejections.push(toRejection(item, outcome, { ...options, by }))
    else if ('atMs' in outcome) registers.push({ register: outcome, row: item })
    else rows.push({ reading: outcome, row: item })
  }
  return { rows, registers, rejections, gapsByKind, evidence, zone }
}

/** The request says it, or else the row's frame does. */
function saidBy({ by: own = noSource }: RawRow, by: SaidBy = noSource): SaidBy {
  return { source: by.source || own.source, ingest: by.ingest || own.ingest }
}

/** The rejection of a row, for a reason found by `parseBody` or later by its caller. */
export function toRejection(
  row: RawRow,
  refusal: Refusal,
  { source, by: asked }: Pick<ParseBodyOptions, 'source' | 'by'>,
): Rejection {
  const { index, original } = row
  const by = saidBy(row, asked)
  const place = placeOfRefusal(row, refusal)
  const { reason, detail } = refusal
  return {
    reason,
    detail,
    // A row too large to read is too large to keep; its beginning identifies it.
    original: original.slice(0, ingestLimits.rowBytesMax),
    source,
    index,
    line: place.line,
    column: shown(place.column),
    value: shown(place.value),
    readAs: readAsText(row, by),
  }
}

function shown(text: string): string {
  const { cellCharsMax } = ingestLimits
  return text.length > cellCharsMax ? `${text.slice(0, cellCharsMax - 1)}…` : text
}

type Items = Pick<ParsedBody, 'evidence' | 'zone'> & { readonly items: Iterable<RawItem> }

function itemsOf(body: Uint8Array, options: ParseBodyOptions): Items {
  const { format, rowsMax, enrolled, rosterOf } = options
  if (format.kind === 'frame') {
    return { items: rowsOfFrame(body, rosterOf), evidence: [], zone: null }
  }
  const profile = profileOf(body, format)
  if (profile !== null) {
    // Most cells of a wide file may be empty.
    const cellsMax = (rowsMax ?? ingestLimits.rowsMax) * ingestLimits.cellsPerReadingMax
    const outcome = readWithProfile(body, profile, { cellsMax, enrolled })
    const { zone, understood } = outcome
    return { items: itemsOfOutcome(withRegisters(outcome)), evidence: understood.evidence, zone }
  }
  const tidy = format as TidyFormat
  const rows = bounded(rowsOf(body, tidy), rowsMax ?? ingestLimits.rowsMax)
  const { items, zone } = itemsOfTidy(rows, tidy.zone, enrolled)
  const isFound = zone !== null && zone.by !== 'said'
  return { items, zone, evidence: isFound ? [evidenceOfTaken(zone)] : [] }
}

/** The profile of a table, or of tidy rows with registers; null of other bodies. */
function profileOf(
  body: Uint8Array,
  format: Exclude<BodyFormat, { kind: 'frame' }>,
): Profile | null {
  if (format.kind === 'table') return format.profile
  if (format.kind !== 'tidy') return null
  const { zone } = format
  return profileOfRegisterFile(body, zone === undefined ? {} : { zone })
}

/**
 * Which zone stamps are in may be known from all rows only: what is too long is refused before they
 * are all in memory. As in a table some may say nothing, and are no readings.
 *
 * @throws TooLargeError
 */
function* bounded(rows: Iterable<TidyRow>, readingsMax: number): Generator<TidyRow> {
  let gaps = 0
  let others = 0
  for (const row of rows) {
    if ('gapKind' in row && row.gapKind !== null) gaps++
    else others++
    const isTooLong = gaps + others > readingsMax * ingestLimits.cellsPerReadingMax
    if (others > readingsMax || isTooLong) throw new TooLargeError({ readingsMax })
    yield row
  }
}

type TidyFormat = Extract<BodyFormat, { readonly kind: 'json' | 'ndjson' | 'tidy' }>

function rowsOf(body: Uint8Array, { kind, zone }: TidyFormat): Iterable<TidyRow> {
  switch (kind) {
    case 'json':
      return rowsOfJson(elementsOfBody(body), zone)
    case 'ndjson':
      return rowsOfJson(splitLines(body), zone)
    case 'tidy':
      return rowsOfTidy(body)
  }
}

function elementsOfBody(body: Uint8Array): Iterable<NumberedLine> {
  return elementsOfArray(body, hasByteOrderMark(body) ? 3 : 0)
}
