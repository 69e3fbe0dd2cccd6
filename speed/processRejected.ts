import { rejectedTopic } from '../schemas/topics.ts'
import { type Shell, speedGroup } from './following.ts'
import { rejectedCounterRows } from './publish/speedRows.ts'

const recordsMax = 10_000

/** The next offset of the rejected readings; null before the first look. */
export type RejectedCursor = { next: number | null }

/** Counts rejected readings: one per record, nothing else to do. */
export async function processRejected(
  { log, views }: Shell,
  cursor: RejectedCursor,
): Promise<number> {
  cursor.next ??= (await log.progress(speedGroup, rejectedTopic))[0]?.committed ?? 0
  const at = { topic: rejectedTopic, partition: 0 }
  const records = await log.read({ ...at, offset: cursor.next }, recordsMax)
  if (records.length === 0) return 0
  const offsets = records.map(({ position }) => position.offset)
  await views.insert('ingest_counters', rejectedCounterRows(offsets))
  const offset = offsets.at(-1)! + 1
  await log.commit(speedGroup, { ...at, offset })
  cursor.next = offset
  return records.length
}
