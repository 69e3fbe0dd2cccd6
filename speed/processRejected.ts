import { bucketRow, readCounted } from '../schemas/ports/countedBuckets.ts'
import { type Bucket, countRecords } from '../schemas/reading/countBuckets.ts'
import { emptyCounters } from '../schemas/reading/reading.ts'
import { rejectedTopic } from '../schemas/topics.ts'
import { type Shell, speedGroup } from './following.ts'

const recordsMax = 10_000
const at = { topic: rejectedTopic, partition: 0 }
const counters = { ...emptyCounters, read: 1, rejected: 1 }

/** The next offset of the rejected readings, and what is counted; null before the first look. */
export type RejectedCursor = {
  next: number | null
  counted: Bucket | null
  /** That of the assignment for which they were read. */
  epoch: number | null
}

/** Null while they are another process's. */
export function rejectedEpoch({ membership }: Pick<Shell, 'membership'>): number | null {
  if (!membership) return 0
  return membership.assigned().find(({ topic }) => topic === rejectedTopic)?.epoch ?? null
}

/** Counts rejected readings: one per record, nothing else to do. */
export async function processRejected(shell: Shell, cursor: RejectedCursor): Promise<number> {
  const { log, views, membership } = shell
  const epoch = rejectedEpoch(shell)
  if (epoch === null) return 0
  if (epoch !== cursor.epoch) Object.assign(cursor, { epoch, next: null, counted: null })
  cursor.next ??= (await log.progress(speedGroup, rejectedTopic))[0]?.committed ?? 0
  cursor.counted ??= (await readCounted(views, speedGroup))(at)
  const records = await log.read({ ...at, offset: cursor.next }, recordsMax)
  if (records.length === 0) return 0
  const counts = records.map(({ position }) => ({ offset: position.offset, counters }))
  const buckets = countRecords(cursor.counted, counts)
  const rows = buckets.map((bucket) => bucketRow({ layer: speedGroup, ...at }, bucket))
  if (rows.length > 0) await views.insert('ingest_counters', rows)
  const offset = counts.at(-1)!.offset + 1
  if (membership) await membership.commit({ ...at, offset }, epoch)
  else await log.commit(speedGroup, { ...at, offset })
  Object.assign(cursor, { next: offset, counted: buckets.at(-1) ?? cursor.counted })
  return records.length
}
