import {
  FrameFieldError,
  FrameMeterError,
  FrameNumberError,
  FrameRowsError,
  UnknownRosterError,
} from '../errors/frame.ts'
import type { MeterId } from '../ids.ts'
import { decodeAct, encodeAct } from './actMessage.ts'
import type { Act } from './acts.ts'
import {
  type ColumnName,
  type ColumnValues,
  countRows,
  fillColumn,
  frameRowsMax,
  readColumn,
  rowNumbers,
  secondsAfter,
  writeColumn,
  writeValue,
} from './frameColumns.ts'
import { actFields, fields, readFields, type Sent } from './frameFields.ts'
import { writeRoster } from './frameRoster.ts'
import { quality, type Reading } from './reading.ts'
import {
  type FrameRow,
  frameRowAt,
  type ReadingColumns,
  readingsOf,
  standingsOf,
} from './readingColumns.ts'
import { type RosterId, type RosterOf, rosterIdBytes } from './roster.ts'
import { createWriter } from './wire.ts'

/** The frame of `frame.proto`: readings as columns, on the wire and in the log. */
export type Frame = {
  readonly readings: readonly Reading[]
  /** Only in the log. */
  readonly act: Act | null
}

/** The same without an object a reading; an act has no rows. */
export type ColumnFrame = { readonly columns: ReadingColumns; readonly act: Act | null }

/**
 * Readings of one source and one ingest.
 *
 * @throws InvalidArgumentError for more than `frameRowsMax` readings, or starts more than 68 years
 * apart.
 */
export function encodeFrame(readings: readonly Reading[]): Uint8Array {
  const [first] = readings
  return first && readings.length === 1 ? encodeReading(first) : encodeColumns(columnsOf(readings))
}

/** The same bytes for one reading, without its columns: most records are one. */
function encodeReading(reading: Reading): Uint8Array {
  const { startMs, powerW, reactiveVar, saidAtMs, source, ingest } = reading
  const writer = createWriter()
  writer.fixed64(fields.t0, startMs)
  writer.ascii(fields.roster, reading.meter)
  writeValue(writer, 'duration_s', reading.durationS)
  writeValue(writer, 'energy_mwh', reading.energyMwh)
  if (powerW !== null) writeValue(writer, 'power_w', powerW)
  if (reactiveVar !== null) writeValue(writer, 'reactive_var', reactiveVar)
  if (reading.quality !== quality.measured) writeValue(writer, 'quality', reading.quality)
  writeValue(writer, 'standing', reading.standing)
  if (reading.revision !== 0) writeValue(writer, 'revision', reading.revision)
  if (saidAtMs !== null) writeValue(writer, 'said_at_ms', saidAtMs)
  if (reading.isVoid) writeValue(writer, 'is_void', 1)
  if (source !== '') writer.ascii(fields.source, source)
  if (ingest !== '') writer.ascii(fields.ingest, ingest)
  return writer.finish()
}

/**
 * The frame of some columns; what they share is written once.
 *
 * @param registered the id of their roster, instead of its meters; only the API reads such a frame.
 * @throws FrameRowsError for more than `frameRowsMax` rows.
 */
export function encodeColumns(columns: ReadingColumns, registered?: RosterId): Uint8Array {
  const { rows, t0Ms, roster, meter, source, ingest } = columns
  if (rows > frameRowsMax) throw new FrameRowsError({ rows, rowsMax: frameRowsMax })
  const writer = createWriter()
  if (rows === 0) return writer.finish()
  writer.fixed64(fields.t0, t0Ms)
  if (registered === undefined) {
    writeRoster(writer, roster, fields.roster)
    writeColumn(writer, 'meter', { values: meter, ...(rows === 1 ? { absent: 0 } : {}) })
  } else {
    writer.raw64(fields.rosterId, rosterIdBytes(registered))
    if (!isInOrder(meter, rows)) writeColumn(writer, 'meter', { values: meter })
  }
  writeColumn(writer, 'dt_s', { values: columns.dtS, absent: 0 })
  writeColumn(writer, 'duration_s', { values: columns.durationS })
  // The longest column says how many rows there are.
  writeColumn(writer, 'energy_mwh', { values: columns.energyMwh, rows })
  writeColumn(writer, 'power_w', { values: columns.powerW, absent: Number.NaN })
  writeColumn(writer, 'reactive_var', { values: columns.reactiveVar, absent: Number.NaN })
  writeColumn(writer, 'quality', { values: columns.quality, absent: quality.measured })
  writeColumn(writer, 'standing', { values: columns.standing })
  writeColumn(writer, 'revision', { values: columns.revision, absent: 0 })
  writeColumn(writer, 'said_at_ms', { values: columns.saidAtMs, absent: 0 })
  writeColumn(writer, 'is_void', { values: columns.isVoid, absent: 0 })
  if (source !== '') writer.ascii(fields.source, source)
  if (ingest !== '') writer.ascii(fields.ingest, ingest)
  return writer.finish()
}

/** Row by row the meters of the roster. */
function isInOrder(meter: Uint32Array, rows: number): boolean {
  return meter.length === rows && meter.every((index, row) => index === row)
}

type ValueOf = (reading: Reading) => number

/**
 * Readings of one source and one ingest as columns.
 *
 * @throws FrameNumberError for starts that are not whole seconds of one another, or more than 68
 * years apart.
 */
export function columnsOf(readings: readonly Reading[]): ReadingColumns {
  const { startMs: t0Ms, source, ingest } = readings[0] ?? { startMs: 0, source: '', ingest: '' }
  const indexes = new Map<MeterId, number>()
  for (const { meter } of readings) if (!indexes.has(meter)) indexes.set(meter, indexes.size)
  const rows = readings.length
  const u32 = (of: ValueOf) => fillColumn(new Uint32Array(rows), readings, of)
  const f32 = (of: ValueOf) => fillColumn(new Float32Array(rows), readings, of)
  const f64 = (of: ValueOf) => fillColumn(new Float64Array(rows), readings, of)
  return {
    rows,
    roster: [...indexes.keys()],
    t0Ms,
    source,
    ingest,
    meter: u32(({ meter }) => indexes.get(meter)!),
    dtS: fillColumn(new Int32Array(rows), readings, ({ startMs }) => secondsAfter(t0Ms, startMs)),
    durationS: u32(({ durationS }) => durationS),
    energyMwh: f64((reading) => reading.energyMwh),
    powerW: f32(({ powerW }) => powerW ?? Number.NaN),
    reactiveVar: f32(({ reactiveVar }) => reactiveVar ?? Number.NaN),
    quality: u32((reading) => reading.quality),
    standing: u32(({ standing }) => standing),
    revision: u32(({ revision }) => revision),
    saidAtMs: f64(({ saidAtMs }) => saidAtMs ?? 0),
    isVoid: u32(({ isVoid }) => Number(isVoid)),
  }
}

/** A record that holds an act and no reading. */
export function encodeActFrame(act: Act): Uint8Array {
  const writer = createWriter()
  const field = act.kind === 'withdrawal' ? actFields.withdrawal : actFields.sourceRank
  writer.bytes(field, encodeAct(act))
  return writer.finish()
}

/**
 * A record of the log, as an object a reading.
 *
 * @throws InvalidArgumentError when the bytes are not a frame of the log.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { columns, act } = decodeColumns(bytes)
  return { readings: readingsOf(columns), act }
}

/**
 * A record of the log: a bounds check and at most one copy a column.
 *
 * @param rosterOf of a frame that was sent; the log has the meters themselves.
 * @throws InvalidArgumentError when the bytes are not a frame of the log; UnknownRosterError.
 */
export function decodeColumns(bytes: Uint8Array, rosterOf?: RosterOf): ColumnFrame {
  const sent = readFields(bytes)
  const { act } = sent
  if (act) {
    if (sent.places.length > 0) throw new FrameFieldError({ field: act.field })
    return { columns: noColumns, act: decodeAct(act.content, act.field) }
  }
  const columns = readColumns(bytes, sent, rosterOf)
  if (Number.isNaN(columns.energyMwh[0])) {
    throw new FrameNumberError({ column: 'energy_mwh', row: 0 })
  }
  refuseAbove(2, columns.quality, 'quality')
  refuseAbove(2, columns.standing, 'standing')
  return { columns, act: null }
}

/**
 * The rows of a frame that a gateway sent; what they say is not judged yet.
 *
 * @throws InvalidArgumentError when the bytes are not a frame, or one that only the log may hold;
 * UnknownRosterError.
 */
export function decodeSentFrame(bytes: Uint8Array, rosterOf?: RosterOf): FrameRow[] {
  const sent = readFields(bytes)
  if (sent.act) throw new FrameFieldError({ field: sent.act.field })
  const columns = readColumns(bytes, sent, rosterOf)
  return Array.from({ length: columns.rows }, (_, row) => frameRowAt(columns, row))
}

function readColumns(bytes: Uint8Array, sent: Sent, rosterOf?: RosterOf): ReadingColumns {
  const { t0Ms, places, source, ingest } = sent
  const rows = countRows(places)
  const { buffer, byteOffset, byteLength } = bytes
  const view = new DataView(buffer as ArrayBuffer, byteOffset, byteLength)
  const read = <Name extends ColumnName>(name: Name, absent: ColumnValues<Name>) =>
    readColumn(view, { places, name }, absent)
  const roster = sent.rosterId === null ? sent.roster.names() : registeredOf(sent, rosterOf)
  const meter = read('meter', sent.rosterId === null ? zero : rowNumbers.subarray(0, rows))
  refuseUnlisted(meter, roster.length, rows)
  const qualities = read('quality', measured)
  const standings = read('standing', noStanding)
  // Without a spread, after which each property costs a microsecond.
  return {
    rows,
    roster,
    meter,
    t0Ms,
    dtS: read('dt_s', zeroDt),
    durationS: read('duration_s', zero),
    energyMwh: read('energy_mwh', noEnergy),
    powerW: read('power_w', noPower),
    reactiveVar: read('reactive_var', noPower),
    quality: qualities,
    standing: standings.length === 0 ? standingsOf(qualities) : standings,
    revision: read('revision', zero),
    saidAtMs: read('said_at_ms', zeroInstant),
    isVoid: read('is_void', zero),
    source,
    ingest,
  }
}

/** @throws FrameFieldError where the meters are listed too, or only may be; UnknownRosterError. */
function registeredOf({ rosterId, roster }: Sent, rosterOf?: RosterOf): readonly MeterId[] {
  if (!rosterOf || roster.names().length > 0) throw new FrameFieldError({ field: fields.rosterId })
  const meters = rosterOf(rosterId!)
  if (!meters) throw new UnknownRosterError({ roster: rosterId! })
  return meters
}

/** Values of columns that a frame leaves out. */
const zero = Uint32Array.of(0)
const zeroDt = Int32Array.of(0)
const zeroInstant = Float64Array.of(0)
const noPower = Float32Array.of(Number.NaN)
const noEnergy = Float64Array.of(Number.NaN)
const measured = Uint32Array.of(quality.measured)
const noStanding = new Uint32Array()
/** The columns of a record without readings. */
export const noColumns: ReadingColumns = columnsOf([])

/** @throws FrameMeterError for the first row of a meter that the roster does not list. */
function refuseUnlisted(meter: Uint32Array, listed: number, rows: number): void {
  if (rows === 0) return
  for (let row = 0; row < meter.length; row++) {
    if (meter[row]! >= listed) throw new FrameMeterError({ row })
  }
}

/** @throws FrameNumberError for a value that no reading has. */
function refuseAbove(most: number, values: Uint32Array, column: string): void {
  for (let row = 0; row < values.length; row++) {
    if (values[row]! > most) throw new FrameNumberError({ column, row })
  }
}
