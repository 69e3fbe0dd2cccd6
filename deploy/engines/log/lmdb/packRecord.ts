import type { NewRecord } from '../../../../schemas/logRecord.ts'

/** One stored value for a record: u32 length of the key (little-endian), key, value. */
export function packRecord({ key, value }: NewRecord): Buffer {
  const bytes = Buffer.allocUnsafe(4 + key.length + value.length)
  bytes.writeUInt32LE(key.length, 0)
  bytes.set(key, 4)
  bytes.set(value, 4 + key.length)
  return bytes
}

const none = new Uint8Array(0)

/** Copies, aligned: the store may reuse its buffer, and frames need 8-byte alignment. */
export function unpackRecord(bytes: Uint8Array): NewRecord {
  const keyLength = (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0
  const key = keyLength === 0 ? none : copyOf(bytes, 4, 4 + keyLength)
  return { key, value: copyOf(bytes, 4 + keyLength, bytes.length) }
}

/** Most records are one reading, whose bytes are copied sooner than a view of them is made. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to - from > 256) return new Uint8Array(bytes.subarray(from, to))
  const copy = new Uint8Array(to - from)
  for (let at = from; at < to; at++) copy[at - from] = bytes[at]!
  return copy
}
