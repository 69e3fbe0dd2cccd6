import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { MeterId } from '../ids.ts'

/**
 * The id of a list of meters, by its content: 16 hexadecimal digits, which as a number are the
 * `roster_id` of a frame.
 */
export type RosterId = string

/** The meters of a roster that was registered; undefined of one that is not known. */
export type RosterOf = (roster: RosterId) => readonly MeterId[] | undefined

/** The first 64 bits of the SHA-256 of the ids, one a line, in their order. */
export function rosterIdOf(meters: readonly MeterId[]): RosterId {
  return bytesToHex(sha256(utf8ToBytes(meters.map((meter) => `${meter}\n`).join('')))).slice(0, 16)
}

/** Eight bytes of a frame, the lowest first. */
export function readRosterId(bytes: Uint8Array): RosterId {
  return bytesToHex(Uint8Array.from(bytes).reverse())
}

/** The same of an id. */
export function rosterIdBytes(roster: RosterId): Uint8Array {
  return Uint8Array.from(Buffer.from(roster, 'hex')).reverse()
}
