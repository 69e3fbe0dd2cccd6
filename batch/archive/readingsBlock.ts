import type { LogRecord } from '../../schemas/logRecord.ts'
import { type ReadingColumns, startMsAt, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { InsertColumns, TextColumn } from '../../schemas/sql/insertColumns.ts'
import { type Fleet, indexesOf } from './fleet.ts'

/** Rows of `readings` that grow record by record, as columns of fixed length. */
export type ReadingsBlock = {
  rows: number
  /** Indexes of the fleet. */
  readonly meter: Uint32Array
  readonly start: Float64Array
  readonly quality: Uint8Array
  readonly standing: Uint8Array
  readonly revision: Uint32Array
  /** NaN: the source does not say. */
  readonly saidAt: Float64Array
  readonly isVoid: Uint8Array
  /** Places in `texts`. */
  readonly source: Uint32Array
  readonly ingest: Uint32Array
  readonly logged: Float64Array
  readonly energyMwh: Float64Array
  readonly powerW: Float32Array
  readonly reactiveVar: Float32Array
  readonly durationS: Uint32Array
  readonly offset: Float64Array
  readonly index: Uint32Array
  readonly texts: Map<string, number>
}

export function createBlock(rowsMax: number): ReadingsBlock {
  return {
    rows: 0,
    meter: new Uint32Array(rowsMax),
    start: new Float64Array(rowsMax),
    quality: new Uint8Array(rowsMax),
    standing: new Uint8Array(rowsMax),
    revision: new Uint32Array(rowsMax),
    saidAt: new Float64Array(rowsMax),
    isVoid: new Uint8Array(rowsMax),
    source: new Uint32Array(rowsMax),
    ingest: new Uint32Array(rowsMax),
    logged: new Float64Array(rowsMax),
    energyMwh: new Float64Array(rowsMax),
    powerW: new Float32Array(rowsMax),
    reactiveVar: new Float32Array(rowsMax),
    durationS: new Uint32Array(rowsMax),
    offset: new Float64Array(rowsMax),
    index: new Uint32Array(rowsMax),
    texts: new Map(),
  }
}

/** A record's columns, and which rows to take (1); null: all. */
export type TakenRows = {
  readonly record: LogRecord
  readonly columns: ReadingColumns
  readonly keep: Uint8Array | null
}

export function takeRows(block: ReadingsBlock, fleet: Fleet, taken: TakenRows): void {
  const { columns, keep, record } = taken
  const indexes = indexesOf(fleet, columns.roster)
  const from = block.rows
  let at = from
  for (let row = 0; row < columns.rows; row++) {
    if (keep && keep[row] === 0) continue
    block.meter[at] = indexes[valueAt(columns.meter, row)]!
    block.start[at] = startMsAt(columns, row)
    block.index[at] = row
    const said = valueAt(columns.saidAtMs, row)
    block.saidAt[at] = said === 0 ? Number.NaN : said
    block.isVoid[at] = valueAt(columns.isVoid, row) === 0 ? 0 : 1
    at += 1
  }
  block.rows = at
  const copy = (to: Writable, values: ArrayLike<number>) =>
    copyRows({ to, from, end: at, values, keep })
  copy(block.quality, columns.quality)
  copy(block.standing, columns.standing)
  copy(block.revision, columns.revision)
  copy(block.energyMwh, columns.energyMwh)
  copy(block.powerW, columns.powerW)
  copy(block.reactiveVar, columns.reactiveVar)
  copy(block.durationS, columns.durationS)
  block.source.fill(placeOf(block.texts, columns.source), from, at)
  block.ingest.fill(placeOf(block.texts, columns.ingest), from, at)
  block.logged.fill(record.loggedMs, from, at)
  block.offset.fill(record.position.offset, from, at)
}

type Writable = Uint8Array | Uint32Array | Float32Array | Float64Array

function copyRows(given: {
  readonly to: Writable
  readonly from: number
  readonly end: number
  readonly values: ArrayLike<number>
  readonly keep: Uint8Array | null
}): void {
  const { to, from, end, values, keep } = given
  if (!keep && values.length > 1) {
    to.set(values, from)
    return
  }
  if (values.length === 1) {
    to.fill(values[0]!, from, end)
    return
  }
  let at = from
  for (let row = 0; row < values.length; row++) if (keep![row] === 1) to[at++] = values[row]!
}

/** The rows so far, for the insert. */
export function columnsOfBlock(
  block: ReadingsBlock,
  fleet: Fleet,
  partition: number,
): InsertColumns<'readings'> {
  const { rows } = block
  const names = [...block.texts.keys()]
  const textColumn = (indexes: Uint32Array): TextColumn => ({ texts: names, indexes })
  return {
    rows,
    columns: {
      meter: metersOf(block, fleet),
      start: block.start,
      quality: block.quality,
      standing: block.standing,
      revision: block.revision,
      said_at: block.saidAt,
      is_void: block.isVoid,
      source: textColumn(block.source),
      ingest: textColumn(block.ingest),
      logged: block.logged,
      energy_mwh: block.energyMwh,
      power_w: block.powerW,
      reactive_var: block.reactiveVar,
      duration_s: block.durationS,
      log_partition: Uint16Array.of(partition),
      log_offset: block.offset,
      log_index: block.index,
    },
  }
}

/** Each meter of the block once, in the order of their first rows. */
function metersOf({ meter, rows }: ReadingsBlock, { names }: Fleet): TextColumn {
  const places = new Uint32Array(names.length)
  const texts: string[] = []
  const indexes = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) {
    const index = meter[row]!
    if (places[index] === 0) places[index] = texts.push(names[index]!)
    indexes[row] = places[index]! - 1
  }
  return { texts, indexes }
}

function placeOf(texts: Map<string, number>, text: string): number {
  const known = texts.get(text)
  if (known !== undefined) return known
  texts.set(text, texts.size)
  return texts.size - 1
}
