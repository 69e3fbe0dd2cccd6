import {
  FrameFieldError,
  FrameHeaderError,
  FrameLengthError,
  FrameMeterError,
  FrameNumberError,
  FrameRowsError,
} from '../errors/frame.ts'
import { type MeterId, meterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import { type Act, decodeAct, encodeAct } from './acts.ts'
import {
  type ColumnName,
  type ColumnValues,
  columnOfField,
  joinValues,
  readValues,
  writeColumn,
} from './frameColumns.ts'
import { type Quality, quality, type Reading, type Standing, standingOf } from './reading.ts'
import { createWriter, fieldsOf, type WireField, wireType } from './wire.ts'

/** The frame of `frame.proto`: readings as columns, on the wire and in the log. */
export type Frame = {
  readonly readings: readonly Reading[]
  /** Only in the log. */
  readonly act: Act | null
}

/** A row as it was sent: without energy it has a mean power. */
export type FrameRow = Omit<Reading, 'energyMwh' | 'quality' | 'standing'> & {
  readonly energyMwh: number | null
  readonly quality: number
  readonly standing: number
}

export const frameRowsMax = 20_000

const fields = { t0: 1, rosterId: 2, roster: 3, source: 15, ingest: 16, signature: 17 } as const
const actFields = { withdrawal: 20, sourceRank: 21 } as const

/**
 * Readings of one source and one ingest.
 *
 * @throws InvalidArgumentError for more than `frameRowsMax` readings, or starts more than 68 years
 * apart.
 */
export function encodeFrame(readings: readonly Reading[]): Uint8Array {
  const rows = readings.length
  if (rows > frameRowsMax) throw new FrameRowsError({ rows, rowsMax: frameRowsMax })
  const writer = createWriter()
  if (rows === 0) return writer.finish()
  const { startMs: t0Ms, source, ingest } = readings[0]!
  writer.fixed64(fields.t0, BigInt(t0Ms))
  const indexes = new Map<string, number>()
  for (const { meter } of readings) if (!indexes.has(meter)) indexes.set(meter, indexes.size)
  for (const name of indexes.keys()) writer.bytes(fields.roster, utf8.encode(name))
  const put = (
    name: ColumnName,
    absent: number | null | 'full',
    of: (reading: Reading) => number,
  ) => writeColumn(writer, name, { values: readings.map(of), absent })
  put('meter', rows === 1 ? 0 : null, ({ meter }) => indexes.get(meter)!)
  put('dt_s', 0, ({ startMs }) => secondsAfter(t0Ms, startMs))
  put('duration_s', null, ({ durationS }) => durationS)
  // The longest column says how many rows there are.
  put('energy_mwh', 'full', (reading) => reading.energyMwh)
  put('power_w', Number.NaN, ({ powerW }) => powerW ?? Number.NaN)
  put('reactive_var', Number.NaN, ({ reactiveVar }) => reactiveVar ?? Number.NaN)
  put('quality', quality.measured, (reading) => reading.quality)
  put('standing', null, ({ standing }) => standing)
  put('revision', 0, ({ revision }) => revision)
  put('said_at_ms', 0, ({ saidAtMs }) => saidAtMs ?? 0)
  put('is_void', 0, ({ isVoid }) => Number(isVoid))
  if (source !== '') writer.bytes(fields.source, utf8.encode(source))
  if (ingest !== '') writer.bytes(fields.ingest, utf8.encode(ingest))
  return writer.finish()
}

/** A record that holds an act and no reading. */
export function encodeActFrame(act: Act): Uint8Array {
  const writer = createWriter()
  const field = act.kind === 'withdrawal' ? actFields.withdrawal : actFields.sourceRank
  writer.bytes(field, encodeAct(act))
  return writer.finish()
}

/**
 * A record of the log.
 *
 * @throws InvalidArgumentError when the bytes are not a frame of the log.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const sent = readFields(bytes)
  if (sent.act) {
    if (sent.columns.size > 0) throw new FrameFieldError({ field: sent.act.field })
    return { readings: [], act: decodeAct(sent.act.content, sent.act.field) }
  }
  const readings = rowsOf(sent).map((row, index): Reading => {
    const { energyMwh: energy, quality, standing } = row
    if (energy === null) throw new FrameNumberError({ column: 'energy_mwh', row: index })
    return {
      ...row,
      energyMwh: energyMwh(energy),
      quality: quality as Quality,
      standing: standing as Standing,
    }
  })
  return { readings, act: null }
}

/**
 * The rows of a frame that a gateway sent; what they say is not judged yet.
 *
 * @throws InvalidArgumentError when the bytes are not a frame, or one that only the log may hold.
 */
export function decodeSentFrame(bytes: Uint8Array): FrameRow[] {
  const sent = readFields(bytes)
  if (sent.act) throw new FrameFieldError({ field: sent.act.field })
  return rowsOf(sent)
}

type Sent = {
  t0Ms: number
  readonly roster: MeterId[]
  readonly columns: Map<ColumnName, ColumnValues>
  source: string
  ingest: string
  act: { readonly field: number; readonly content: Uint8Array } | null
}

function readFields(bytes: Uint8Array): Sent {
  const sent: Sent = {
    ...{ t0Ms: 0, roster: [], columns: new Map(), source: '', ingest: '', act: null },
  }
  for (const field of fieldsOf(bytes)) takeField(bytes, field, sent)
  if (sent.columns.size === 0 && !sent.act) throw new FrameHeaderError()
  return sent
}

function takeField(bytes: Uint8Array, at: WireField, sent: Sent): void {
  const column = columnOfField(at.number)
  if (column) {
    const values = readValues(bytes, column, at)
    const known = sent.columns.get(column)
    sent.columns.set(column, known ? joinValues(known, values) : values)
    return
  }
  const isT0 = at.number === fields.t0
  if (at.type !== (isT0 ? wireType.fixed64 : wireType.bytes)) {
    throw new FrameFieldError({ field: at.number })
  }
  const content = bytes.subarray(at.from, at.to)
  switch (at.number) {
    case fields.t0:
      sent.t0Ms = instantOf(content)
      return
    case fields.roster:
      sent.roster.push(nameOf(content))
      return
    case fields.source:
      sent.source = nameOf(content)
      return
    case fields.ingest:
      sent.ingest = nameOf(content)
      return
    case actFields.withdrawal:
    case actFields.sourceRank:
      sent.act = { field: at.number, content }
      return
    default:
      throw new FrameFieldError({ field: at.number })
  }
}

function rowsOf({ t0Ms, roster, columns, source, ingest }: Sent): FrameRow[] {
  const rows = Math.max(...[...columns.values()].map((values) => values.length))
  if (rows > frameRowsMax) throw new FrameRowsError({ rows, rowsMax: frameRowsMax })
  for (const [column, { length }] of columns) {
    if (length !== rows && length !== 1) throw new FrameLengthError({ column, length, rows })
  }
  const read = (name: ColumnName, absent: number) => {
    const values = columns.get(name)
    if (!values) return () => absent
    return values.length === 1 ? () => values[0]! : (row: number) => values[row]!
  }
  const meter = read('meter', 0)
  const dt = read('dt_s', 0)
  const duration = read('duration_s', 0)
  const energy = read('energy_mwh', Number.NaN)
  const power = read('power_w', Number.NaN)
  const reactive = read('reactive_var', Number.NaN)
  const qualityAt = read('quality', quality.measured)
  const standingAt = read('standing', Number.NaN)
  const revision = read('revision', 0)
  const said = read('said_at_ms', 0)
  const isVoid = read('is_void', 0)
  return Array.from({ length: rows }, (_, row): FrameRow => {
    const name = roster[meter(row)]
    if (name === undefined) throw new FrameMeterError({ row })
    const ownQuality = qualityAt(row)
    return {
      meter: name,
      startMs: t0Ms + dt(row) * 1000,
      durationS: duration(row),
      energyMwh: numberOrNull(energy(row)),
      powerW: numberOrNull(power(row)),
      reactiveVar: numberOrNull(reactive(row)),
      quality: ownQuality,
      standing: numberOrNull(standingAt(row)) ?? standingOf(ownQuality),
      revision: revision(row),
      saidAtMs: said(row) === 0 ? null : said(row),
      isVoid: isVoid(row) !== 0,
      source,
      ingest,
    }
  })
}

function secondsAfter(t0Ms: number, startMs: number): number {
  const seconds = (startMs - t0Ms) / 1000
  if (seconds === (seconds | 0)) return seconds
  throw new FrameNumberError({ column: 'dt_s', row: 0 })
}

/** @throws FrameNumberError for a value that a double does not hold exactly. */
function instantOf(content: Uint8Array): number {
  const { buffer, byteOffset } = content
  const value = Number(new DataView(buffer, byteOffset).getBigUint64(0, true))
  if (Number.isSafeInteger(value)) return value
  throw new FrameNumberError({ column: 't0_ms', row: 0 })
}

const utf8 = new TextEncoder()
const decoder = new TextDecoder()
/** Names decoded lately: a fleet's few come again and again. */
const knownNames = new Map<string, MeterId>()
const knownMax = 100_000

/** @throws MeterIdError when the bytes are not an id. */
function nameOf(content: Uint8Array): MeterId {
  const text = decoder.decode(content)
  const known = knownNames.get(text)
  if (known) return known
  const name = meterId(text)
  if (knownNames.size >= knownMax) knownNames.clear()
  knownNames.set(text, name)
  return name
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
