import { addCounters, emptyCounters, type IngestCounters } from './reading.ts'

/** Ingest counters of the records `[fromOffset, nextOffset)` of a partition: a bucket's prefix. */
export type Bucket = {
  /** A multiple of `bucketRecords`. */
  readonly fromOffset: number
  readonly nextOffset: number
  readonly counters: IngestCounters
}

/**
 * Bounds are fixed, so that however the log is cut into batches the row of a bucket has one key.
 * Migration `ingest_buckets` has the same number.
 */
export const bucketRecords = 4_096

export const emptyBucket: Bucket = { fromOffset: 0, nextOffset: 0, counters: emptyCounters }

export type RecordCounts = { readonly offset: number; readonly counters: IngestCounters }

/**
 * Takes records of a partition, in order, into its open bucket; returns the buckets they changed,
 * of which the last is open now. None if all of them were counted before: a crash between write
 * and commit repeats records, and each counts as it did at first.
 */
export function countRecords(open: Bucket, records: readonly RecordCounts[]): Bucket[] {
  const changed: Bucket[] = []
  let last = open
  for (const { offset, counters } of records) {
    if (offset < last.nextOffset) continue
    const fromOffset = offset - (offset % bucketRecords)
    const isOpen = fromOffset === last.fromOffset
    const before = isOpen ? last.counters : emptyCounters
    last = { fromOffset, nextOffset: offset + 1, counters: addCounters(before, counters) }
    if (isOpen) changed.pop()
    changed.push(last)
  }
  return changed
}
