import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Bucket,
  bucketRecords,
  countRecords,
  emptyBucket,
  type RecordCounts,
} from './countBuckets.ts'
import { addCounters, emptyCounters, isBalanced } from './reading.ts'

/** A record of `offset + 1` readings, so that no two sums are equal by chance. */
function recordAt(offset: number): RecordCounts {
  const read = offset + 1
  const counters = { ...emptyCounters, read, accepted: read - 1, duplicate: 1 }
  return { offset, counters }
}

function sumOf(buckets: Iterable<Bucket>) {
  return [...buckets].reduce((sum, { counters }) => addCounters(sum, counters), emptyCounters)
}

const first = bucketRecords - 5
/** Records a batch; whether the process dies after its write, and how many batches it goes back. */
const steps = fc.array(
  fc.record({ records: fc.nat(9), dies: fc.constantFrom('', 'unwritten', 'uncommitted') }),
  { minLength: 1, maxLength: 30 },
)

test('totals are those of each record once, however batches are cut, and never fall', () => {
  fc.assert(
    fc.property(steps, (batches) => {
      const stored = new Map<number, Bucket>()
      const lastStored = () => [...stored.values()].at(-1) ?? emptyBucket
      let open = emptyBucket
      let committed = first
      let reached = first
      for (const { records, dies } of batches) {
        const batch = Array.from({ length: records }, (_, index) => recordAt(committed + index))
        const before = sumOf(stored.values())
        const changed = countRecords(open, batch)
        open = changed.at(-1) ?? open
        if (dies !== 'unwritten') {
          for (const each of changed) stored.set(each.fromOffset, each)
          reached = Math.max(reached, committed + records)
          if (dies === '') committed += records
        }
        if (dies !== '') open = lastStored()
        const sum = sumOf(stored.values())
        expect(sum.read).toBeGreaterThanOrEqual(before.read)
        expect(isBalanced(sum)).toBe(true)
        const all = Array.from({ length: reached - first }, (_, index) => recordAt(first + index))
        expect(sum).toEqual(all.reduce((to, each) => addCounters(to, each.counters), emptyCounters))
      }
    }),
    { numRuns: 300 },
  )
})

test('a row a bucket, whose bounds are fixed', () => {
  const records = Array.from({ length: 10_000 }, (_, index) => recordAt(100 + index))
  const buckets = countRecords(emptyBucket, records)
  expect(buckets.map(({ fromOffset, nextOffset }) => [fromOffset, nextOffset])).toEqual([
    [0, 4096],
    [4096, 8192],
    [8192, 10_100],
  ])
  // What was counted before changes nothing, also with another verdict.
  const again = { offset: 10_099, counters: { ...emptyCounters, read: 1, rejected: 1 } }
  expect(countRecords(buckets.at(-1)!, [again])).toEqual([])
})
