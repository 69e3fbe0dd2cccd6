import { ReplayGoneError } from '../schemas/errors/generation.ts'
import { isoUtc } from '../schemas/time.ts'
import { readingsTopic } from '../schemas/topics.ts'
import type { Following, Shell } from './following.ts'
import { decodeRecord, type ReadRecord } from './microbatch/decodeRecord.ts'
import { replayFromMs } from './microbatch/speedState.ts'
import { readOf, sharedBy } from './shares.ts'

/**
 * Bounds of a micro-batch, which only what waits reaches: large enough for efficient inserts, small
 * enough for low latency. Its readings cost, and each record as much as three of them.
 */
const readingsMaxDefault = 60_000
const readingsOfRecord = 3
const bytesMax = 32 << 20
/** Records of the first look at a partition, before their size is known. */
const recordsFirst = 64

/**
 * The next records of a micro-batch, the same share of each partition and at least one record.
 *
 * @param until offsets to stop at, of a replay. `[partition]`
 * @throws RetryableError when retention has removed records in between.
 */
export async function readBatch(
  shell: Shell,
  following: Following,
  until?: readonly number[],
): Promise<ReadRecord[]> {
  const isRead = readOf(until ? sharedBy(shell, following) : following.state.owned)
  const pieces = following.next.map((offset, partition) => {
    if (!isRead[partition]) return []
    const end = until?.[partition] ?? Number.POSITIVE_INFINITY
    return readPartition(shell, following, { partition, offset, end })
  })
  return (await Promise.all(pieces)).flat()
}

type Piece = { readonly partition: number; readonly offset: number; readonly end: number }

async function readPartition(
  { log, partitions, readingsMax = readingsMaxDefault }: Shell,
  { state }: Following,
  { partition, offset, end }: Piece,
): Promise<ReadRecord[]> {
  const readingsShare = Math.ceil(readingsMax / partitions)
  const bytesShare = bytesMax / partitions
  const decoded: ReadRecord[] = []
  let readings = 0
  let bytes = 0
  while (readings < readingsShare && bytes < bytesShare) {
    const next = offset + decoded.length
    const perRecord =
      decoded.length === 0 ? readingsShare / recordsFirst : readings / decoded.length
    const asked = Math.min(Math.ceil((readingsShare - readings) / perRecord), end - next)
    if (asked <= 0) break
    const records = await log.read({ topic: readingsTopic, partition, offset: next }, asked)
    if (records.length === 0) break
    checkNoGap(records[0]!.position.offset, { partition, next, fromMs: replayFromMs(state) })
    for (const record of records) {
      if (readings >= readingsShare || bytes >= bytesShare) break
      const one = decodeRecord(record)
      decoded.push(one)
      readings += Math.max(readingsOfRecord, one.columns.rows)
      bytes += record.value.length
    }
  }
  return decoded
}

/** A replay that misses records would look like a complete one. */
function checkNoGap(
  start: number,
  { partition, next, fromMs }: { partition: number; next: number; fromMs: number },
): void {
  if (start === next) return
  const highWater = Number.isFinite(fromMs) ? isoUtc(fromMs) : null
  throw new ReplayGoneError({ highWater, partition, needed: next, start })
}
