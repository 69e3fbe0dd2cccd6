import { FrameRosterError } from '../errors/frame.ts'
import { type MeterId, meterId } from '../ids.ts'
import { frameRowsMax } from './frameColumns.ts'
import { createWriter, type WireCursor, type WireWriter } from './wire.ts'

/** The meters of one frame, field by field. */
export type RosterReader = {
  /** Takes the field that was read last, and mostly all that follow it in one step. */
  readonly take: (cursor: WireCursor) => void
  readonly names: () => readonly MeterId[]
}

/** A list of meters that a frame had lately, with the bytes of its fields. */
type KnownRoster = { readonly bytes: Uint8Array; readonly names: readonly MeterId[] }

/**
 * Rosters of frames read lately, by a hash of their first name: a gateway sends its own again and
 * again, so its names are compared as bytes and decoded once. Equal rosters are one object.
 */
const knownRosters = new Map<number, KnownRoster[]>()
const knownBytesMax = 2 ** 26
const knownAlikeMax = 8
let knownBytes = 0

const encodedRosters = new WeakMap<readonly MeterId[], Uint8Array>()
const noNames: readonly MeterId[] = []

/** @throws FrameRosterError for more meters than a frame has rows, MeterIdError for a bad name. */
export function createRosterReader(bytes: Uint8Array): RosterReader {
  let known: KnownRoster | null = null
  const own: MeterId[] = []
  const place = { from: -1, to: -1, isWhole: true, hash: 0 }
  const decode = (cursor: WireCursor) => {
    if (own.length === frameRowsMax) throw new FrameRosterError({ meters: frameRowsMax })
    own.push(nameOf(bytes.subarray(cursor.from, cursor.to)))
    place.to = cursor.to
  }
  return {
    take: (cursor) => {
      const from = cursor.at
      if (place.from < 0) {
        Object.assign(place, { from, hash: hashOf(bytes, cursor.from, cursor.to) })
        known = findKnown(bytes, from, place.hash)
        if (known) cursor.next = place.to = from + known.bytes.length
        else decode(cursor)
        return
      }
      if (known) {
        // More names behind those that were known.
        own.push(...known.names)
        known = null
      }
      place.isWhole &&= from === place.to
      decode(cursor)
    },
    names: () => {
      if (known) return known.names
      if (own.length === 0) return noNames
      if (place.isWhole) keep(bytes.subarray(place.from, place.to), own, place.hash)
      return own
    },
  }
}

/** Writes the fields of a roster; those of a long one, by its identity, as they were. */
export function writeRoster(writer: WireWriter, roster: readonly MeterId[], field: number): void {
  // To remember one name costs more than to write it.
  if (roster.length === 1) writer.ascii(field, roster[0]!)
  else writer.fields(encodedOf(roster, field))
}

function encodedOf(roster: readonly MeterId[], field: number): Uint8Array {
  const known = encodedRosters.get(roster)
  if (known) return known
  const writer = createWriter()
  for (const name of roster) writer.ascii(field, name)
  const encoded = writer.finish()
  encodedRosters.set(roster, encoded)
  return encoded
}

function findKnown(bytes: Uint8Array, from: number, hash: number): KnownRoster | null {
  const alike = knownRosters.get(hash)
  return alike?.find((each) => begins(bytes, from, each.bytes)) ?? null
}

function keep(bytes: Uint8Array, names: readonly MeterId[], hash: number): void {
  const own = bytesOf(bytes, names)
  if (own > knownBytesMax / 8) return
  if (knownBytes + own > knownBytesMax) {
    knownRosters.clear()
    knownBytes = 0
  }
  const alike = knownRosters.get(hash) ?? []
  if (alike.length === knownAlikeMax) {
    const last = alike.pop()!
    knownBytes -= bytesOf(last.bytes, last.names)
  }
  alike.push({ bytes: new Uint8Array(bytes), names })
  // The longest first: one may be the begin of another.
  alike.sort((left, right) => right.bytes.length - left.bytes.length)
  knownRosters.set(hash, alike)
  knownBytes += own
}

/** About what a known roster takes in memory. */
function bytesOf(bytes: Uint8Array, names: readonly MeterId[]): number {
  return 300 + bytes.length + 48 * names.length
}

/** Whether some bytes are at an offset of others. */
function begins(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  if (from + wanted.length > bytes.length) return false
  return Buffer.compare(bytes.subarray(from, from + wanted.length), wanted) === 0
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  const end = Math.min(to, from + 64)
  for (let at = from; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash >>> 0
}

const decoder = new TextDecoder()

function nameOf(content: Uint8Array): MeterId {
  return meterId(decoder.decode(content))
}
