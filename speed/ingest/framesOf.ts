import { partitionOf } from '../../schemas/ids.ts'
import { valueBytesMax } from '../../schemas/logRecord.ts'
import { encodeFrame, frameRowsMax } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'

/** A name takes a tag, its length and 64 characters at most; the eleven columns 52 bytes a row. */
const nameBytesMax = 66
const rowBytes = 52
/** Lengths of columns, the first start, the source and the ingest. */
const headerBytesMax = 256
/** Rows that fit into a record even if each is of a different meter. */
const rowsMax = Math.min(
  frameRowsMax,
  Math.floor((valueBytesMax - headerBytesMax) / (rowBytes + nameBytesMax)),
)

/** Readings as frames, by the partition of their meters and in order of arrival. */
export function framesOf(
  readings: readonly Reading[],
  partitions: number,
): ReadonlyMap<number, readonly Uint8Array[]> {
  const byPartition = Array.from({ length: partitions }, (): Reading[] => [])
  for (const reading of readings) byPartition[partitionOf(reading.meter, partitions)]!.push(reading)
  const frames = new Map<number, Uint8Array[]>()
  for (const [partition, own] of byPartition.entries()) {
    if (own.length === 0) continue
    const list: Uint8Array[] = []
    for (let at = 0; at < own.length; at += rowsMax) {
      list.push(encodeFrame(own.slice(at, at + rowsMax)))
    }
    frames.set(partition, list)
  }
  return frames
}
