import type { MeterId } from '../ids.ts'
import type { EpochMs } from '../time.ts'
import { energyMwh } from '../units.ts'
import { type Quality, type Reading, type Standing, standing } from './reading.ts'

/**
 * Readings of one source and one ingest, as columns: what readings travel as between the edges.
 *
 * A column has one value a row, or one value for all rows (length 1). Columns may be views on the
 * bytes that they were decoded from, and are never written to.
 */
export type ReadingColumns = {
  readonly rows: number
  /** Names of meters; `meter` counts in it. Equal lists are mostly one and the same object. */
  readonly roster: readonly MeterId[]
  readonly meter: Uint32Array
  /** A row starts at `t0Ms` + 1000 × `dtS`. */
  readonly t0Ms: EpochMs
  readonly dtS: Int32Array
  readonly durationS: Uint32Array
  /** Safe integers, signed. NaN only in a frame that was sent: without energy, the power counts. */
  readonly energyMwh: Float64Array
  /** NaN: none. */
  readonly powerW: Float32Array
  readonly reactiveVar: Float32Array
  readonly quality: Uint32Array
  readonly standing: Uint32Array
  readonly revision: Uint32Array
  /** 0: the source does not say. */
  readonly saidAtMs: Float64Array
  /** 0: the interval has a value. */
  readonly isVoid: Uint32Array
  readonly source: string
  readonly ingest: string
}

/** A row as it was sent: without energy it has a mean power, and nothing of it is judged. */
export type FrameRow = Omit<Reading, 'energyMwh' | 'quality' | 'standing'> & {
  readonly energyMwh: number | null
  readonly quality: number
  readonly standing: number
}

/** The value of a row in a column that may have one for all. */
export function valueAt(column: ArrayLike<number>, row: number): number {
  return column.length === 1 ? column[0]! : column[row]!
}

export function startMsAt({ t0Ms, dtS }: ReadingColumns, row: number): EpochMs {
  return t0Ms + valueAt(dtS, row) * 1000
}

/** The start of each row, or one for all. */
export function startsMs({ t0Ms, dtS }: ReadingColumns): Float64Array {
  const starts = new Float64Array(dtS.length)
  for (let row = 0; row < starts.length; row++) starts[row] = t0Ms + dtS[row]! * 1000
  return starts
}

export function meterAt({ roster, meter }: ReadingColumns, row: number): MeterId {
  return roster[valueAt(meter, row)]!
}

/** For edges and tests: on the way from a request to the store no reading is an object. */
export function readingAt(columns: ReadingColumns, row: number): Reading {
  const sent = frameRowAt(columns, row)
  return {
    ...sent,
    energyMwh: energyMwh(sent.energyMwh ?? 0),
    quality: sent.quality as Quality,
    standing: sent.standing as Standing,
  }
}

export function readingsOf(columns: ReadingColumns): Reading[] {
  return Array.from({ length: columns.rows }, (_, row) => readingAt(columns, row))
}

export function frameRowAt(columns: ReadingColumns, row: number): FrameRow {
  const said = valueAt(columns.saidAtMs, row)
  return {
    meter: meterAt(columns, row),
    startMs: startMsAt(columns, row),
    durationS: valueAt(columns.durationS, row),
    energyMwh: numberOrNull(valueAt(columns.energyMwh, row)),
    powerW: numberOrNull(valueAt(columns.powerW, row)),
    reactiveVar: numberOrNull(valueAt(columns.reactiveVar, row)),
    quality: valueAt(columns.quality, row),
    standing: valueAt(columns.standing, row),
    revision: valueAt(columns.revision, row),
    saidAtMs: said === 0 ? null : said,
    isVoid: valueAt(columns.isVoid, row) !== 0,
    source: columns.source,
    ingest: columns.ingest,
  }
}

/** One standing for all where the quality is one for all. */
export function standingsOf(qualities: Uint32Array): Uint32Array {
  return qualities.map((quality) => (quality === 0 ? standing.fill : standing.stated))
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Some rows; the roster stays. */
export function takeRows(columns: ReadingColumns, rows: Uint32Array): ReadingColumns {
  return {
    ...{ rows: rows.length, roster: columns.roster, t0Ms: columns.t0Ms },
    meter: taken(columns.meter, rows),
    dtS: taken(columns.dtS, rows),
    durationS: taken(columns.durationS, rows),
    energyMwh: taken(columns.energyMwh, rows),
    powerW: taken(columns.powerW, rows),
    reactiveVar: taken(columns.reactiveVar, rows),
    quality: taken(columns.quality, rows),
    standing: taken(columns.standing, rows),
    revision: taken(columns.revision, rows),
    saidAtMs: taken(columns.saidAtMs, rows),
    isVoid: taken(columns.isVoid, rows),
    ...{ source: columns.source, ingest: columns.ingest },
  }
}

function taken<Column extends Uint32Array | Int32Array | Float32Array | Float64Array>(
  column: Column,
  rows: Uint32Array,
): Column {
  if (column.length === 1) return column
  const own = new (column.constructor as new (length: number) => Column)(rows.length)
  for (let at = 0; at < rows.length; at++) own[at] = column[rows[at]!]!
  return own
}
