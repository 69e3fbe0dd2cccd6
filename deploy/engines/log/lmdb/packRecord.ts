import type { LogRecord, NewRecord } from '../../../../schemas/logRecord.ts'
import type { EpochMs } from '../../../../schemas/time.ts'

const stampBytes = 8
const headerBytes = stampBytes + 4

/**
 * One stored value for a record, little-endian: f64 stamp (`stampRecord`), u32 length of the key,
 * key, value.
 */
export function packRecord({ key, value }: NewRecord): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + key.length + value.length)
  bytes.writeUInt32LE(key.length, stampBytes)
  bytes.set(key, headerBytes)
  bytes.set(value, headerBytes + key.length)
  return bytes
}

/** Its time is known when its turn comes. */
export function stampRecord(packed: Buffer, loggedMs: EpochMs): void {
  packed.writeDoubleLE(loggedMs, 0)
}

const none = new Uint8Array(0)

/** Copies, aligned: the store may reuse its buffer, and frames need 8-byte alignment. */
export function unpackRecord(bytes: Buffer): Omit<LogRecord, 'position'> {
  const loggedMs = bytes.readDoubleLE(0)
  const keyEnd = headerBytes + bytes.readUInt32LE(stampBytes)
  const key = keyEnd === headerBytes ? none : copyOf(bytes, headerBytes, keyEnd)
  return { loggedMs, key, value: copyOf(bytes, keyEnd, bytes.length) }
}

/** Most records are one reading, whose bytes are copied sooner than a view of them is made. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to - from > 256) return new Uint8Array(bytes.subarray(from, to))
  const copy = new Uint8Array(to - from)
  for (let at = from; at < to; at++) copy[at - from] = bytes[at]!
  return copy
}
