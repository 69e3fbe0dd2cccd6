import {
  FrameHeaderError,
  FrameLengthError,
  FrameMeterError,
  FrameRowsError,
} from '../errors/frame.ts'
import { type MeterId, meterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import type { Quality, Reading } from './reading.ts'

/**
 * The wire frame of readings: a header, the meters named in it, then packed columns of fixed width.
 *
 * Little-endian. `WPF1`, u32 rows, u32 meters, meters × (u8 length, bytes), padding to 8, then
 * f64 startMs, f64 energyMwh (both whole numbers below 2^53), u32 durationS, f32 powerW (NaN:
 * none), f32 reactiveVar (NaN: none), u32 revision, u32 meter, u8 quality; each column `[rows]`.
 * 37 bytes a reading. Columns are at aligned offsets so that a decoder can copy them at once.
 */
const magic = 0x31465057
const bytesPerRow = 8 + 8 + 4 + 4 + 4 + 4 + 4 + 1
const headerBytes = 12

export const frameRowsMax = 20_000

/** @throws InvalidArgumentError for more than `frameRowsMax` readings. */
export function encodeFrame(readings: readonly Reading[]): Uint8Array {
  const rows = readings.length
  if (rows > frameRowsMax) throw new FrameRowsError({ rows, rowsMax: frameRowsMax })
  const indexes = new Map<string, number>()
  for (const { meter } of readings) if (!indexes.has(meter)) indexes.set(meter, indexes.size)
  const names = [...indexes.keys()].map((name) => new TextEncoder().encode(name))
  const nameBytes = names.reduce((sum, name) => sum + 1 + name.length, 0)
  const columnsAt = align(headerBytes + nameBytes)
  const bytes = new Uint8Array(columnsAt + rows * bytesPerRow)

  const header = new DataView(bytes.buffer)
  header.setUint32(0, magic, true)
  header.setUint32(4, rows, true)
  header.setUint32(8, names.length, true)
  let at = headerBytes
  for (const name of names) {
    bytes[at] = name.length
    bytes.set(name, at + 1)
    at += 1 + name.length
  }
  const columns = columnsOf(bytes.buffer, columnsAt, rows)
  readings.forEach((reading, row) => {
    columns.startMs[row] = reading.startMs
    columns.energyMwh[row] = reading.energyMwh
    columns.durationS[row] = reading.durationS
    columns.powerW[row] = reading.powerW ?? Number.NaN
    columns.reactiveVar[row] = reading.reactiveVar ?? Number.NaN
    columns.revision[row] = reading.revision
    columns.meter[row] = indexes.get(reading.meter)!
    columns.quality[row] = reading.quality
  })
  return bytes
}

/** @throws InvalidArgumentError when the bytes are not a frame. */
export function decodeFrame(frame: Uint8Array): Reading[] {
  const bytes = frame.byteOffset % 8 === 0 ? frame : frame.slice()
  if (bytes.length < headerBytes) throw new FrameHeaderError({ isShort: true })
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (header.getUint32(0, true) !== magic) throw new FrameHeaderError({ isShort: false })
  const rows = header.getUint32(4, true)
  const { names, end } = readNames(bytes, header.getUint32(8, true))
  const columnsAt = align(end)
  const length = columnsAt + rows * bytesPerRow
  if (bytes.length !== length) throw new FrameLengthError({ rows, length })

  if (rows === 1) return [decodeSingle(header, columnsAt, names)]
  const columns = columnsOf(bytes.buffer, bytes.byteOffset + columnsAt, rows)
  return Array.from({ length: rows }, (_, row) => {
    const meter = names[columns.meter[row]!]
    if (meter === undefined) throw new FrameMeterError({ row })
    return {
      meter,
      startMs: columns.startMs[row]!,
      durationS: columns.durationS[row]!,
      energyMwh: energyMwh(columns.energyMwh[row]!),
      powerW: numberOrNull(columns.powerW[row]!),
      reactiveVar: numberOrNull(columns.reactiveVar[row]!),
      quality: columns.quality[row]! as Quality,
      revision: columns.revision[row]!,
    }
  })
}

/** Without a view for each column: they cost more than the one reading. */
function decodeSingle(frame: DataView, at: number, names: readonly MeterId[]): Reading {
  const meter = names[frame.getUint32(at + 32, true)]
  if (meter === undefined) throw new FrameMeterError({ row: 0 })
  return {
    meter,
    startMs: frame.getFloat64(at, true),
    durationS: frame.getUint32(at + 16, true),
    energyMwh: energyMwh(frame.getFloat64(at + 8, true)),
    powerW: numberOrNull(frame.getFloat32(at + 20, true)),
    reactiveVar: numberOrNull(frame.getFloat32(at + 24, true)),
    quality: frame.getUint8(at + 36) as Quality,
    revision: frame.getUint32(at + 28, true),
  }
}

function columnsOf(buffer: ArrayBufferLike, at: number, rows: number) {
  return {
    startMs: new Float64Array(buffer, at, rows),
    energyMwh: new Float64Array(buffer, at + rows * 8, rows),
    durationS: new Uint32Array(buffer, at + rows * 16, rows),
    powerW: new Float32Array(buffer, at + rows * 20, rows),
    reactiveVar: new Float32Array(buffer, at + rows * 24, rows),
    revision: new Uint32Array(buffer, at + rows * 28, rows),
    meter: new Uint32Array(buffer, at + rows * 32, rows),
    quality: new Uint8Array(buffer, at + rows * 36, rows),
  }
}

function readNames(bytes: Uint8Array, count: number): { names: MeterId[]; end: number } {
  const names: MeterId[] = []
  let at = headerBytes
  for (let index = 0; index < count; index++) {
    const length = bytes[at] ?? 0
    if (at + 1 + length > bytes.length) throw new FrameMeterError({ name: index })
    names.push(nameAt(bytes, at + 1, length))
    at += 1 + length
  }
  return { names, end: at }
}

/** Names decoded lately, by a hash of their bytes: a fleet's few names come again and again. */
const known = new Map<number, { readonly bytes: Uint8Array; readonly name: MeterId }>()
const knownMax = 100_000
const decoder = new TextDecoder()

/** @throws MeterIdError when the bytes are not the id of a meter. */
function nameAt(bytes: Uint8Array, at: number, length: number): MeterId {
  let hash = 0x811c9dc5
  for (let index = 0; index < length; index++) {
    hash = Math.imul(hash ^ bytes[at + index]!, 0x01000193)
  }
  const own = bytes.subarray(at, at + length)
  const last = known.get(hash)
  if (last && isSameBytes(last.bytes, own)) return last.name
  const name = meterId(decoder.decode(own))
  if (known.size >= knownMax) known.clear()
  known.set(hash, { bytes: own.slice(), name })
  return name
}

function isSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) {
    if (left[index] !== right[index]) return false
  }
  return true
}

function align(offset: number): number {
  return Math.ceil(offset / 8) * 8
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
