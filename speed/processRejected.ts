import { bucketRow, readCounted } from '../schemas/ports/countedBuckets.ts'
import { type Bucket, countRecords } from '../schemas/reading/countBuckets.ts'
import { emptyCounters } from '../schemas/reading/reading.ts'
import { rejectedTopic } from '../schemas/topics.ts'
import { type Shell, speedGroup } from './following.ts'

const recordsMax = 10_000
const at = { topic: rejectedTopic, partition: 0 }
const counters = { ...emptyCounters, read: 1, rejected: 1 }

/** The next offset of the rejected readings, and what is counted; null before the first look. */
export type RejectedCursor = { next: number | null; counted: Bucket | null }

/** Counts rejected readings: one per record, nothing else to do. */
export async function processRejected(
  { log, views }: Shell,
  cursor: RejectedCursor,
): Promise<number> {
  cursor.next ??= (await log.progress(speedGroup, rejectedTopic))[0]?.committed ?? 0
  cursor.counted ??= (await readCounted(views, speedGroup))(at)
  const records = await log.read({ ...at, offset: cursor.next }, recordsMax)
  if (records.length === 0) return 0
  const counts = records.map(({ position }) => ({ offset: position.offset, counters }))
  const buckets = countRecords(cursor.counted, counts)
  const rows = buckets.map((bucket) => bucketRow({ layer: speedGroup, ...at }, bucket))
  if (rows.length > 0) await views.insert('ingest_counters', rows)
  const offset = counts.at(-1)!.offset + 1
  await log.commit(speedGroup, { ...at, offset })
  Object.assign(cursor, { next: offset, counted: buckets.at(-1) ?? cursor.counted })
  return records.length
}
