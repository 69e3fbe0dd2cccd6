import { partitionOf } from '../../schemas/ids.ts'
import { valueBytesMax } from '../../schemas/logRecord.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { frameRowsMax } from '../../schemas/reading/frameColumns.ts'
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
  const frames = new Map<number, readonly Uint8Array[]>()
  for (const [partition, own] of byPartition.entries()) {
    if (own.length === 0) continue
    frames.set(partition, runsOf(own).map(encodeFrame))
  }
  return frames
}

/** In their order: a frame is of one source and one ingest, and fits into a record. */
function runsOf(readings: readonly Reading[]): Reading[][] {
  const runs: Reading[][] = []
  for (const reading of readings) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const isSame = last && last.source === reading.source && last.ingest === reading.ingest
    if (run && isSame && run.length < rowsMax) run.push(reading)
    else runs.push([reading])
  }
  return runs
}
