import type { NewRecord } from '../../../../schemas/logRecord.ts'

/** One stored value for a record: u32 length of the key (little-endian), key, value. */
export function packRecord({ key, value }: NewRecord): Buffer {
  const bytes = Buffer.allocUnsafe(4 + key.length + value.length)
  bytes.writeUInt32LE(key.length, 0)
  bytes.set(key, 4)
  bytes.set(value, 4 + key.length)
  return bytes
}

/** Copies, aligned: the store may reuse its buffer, and frames need 8-byte alignment. */
export function unpackRecord(bytes: Uint8Array): NewRecord {
  const keyEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return {
    key: new Uint8Array(bytes.subarray(4, keyEnd)),
    value: new Uint8Array(bytes.subarray(keyEnd)),
  }
}
