import { expect, test } from 'vitest'
import type { LogProgress } from '../../schemas/ports/log.ts'
import { isArchived, noteArrived } from './noteArrived.ts'

test('the schedule waits once for an archive that is always a little behind', () => {
  const arrived = noteArrived(null, {
    id: 'recompute-1-after-0',
    nowMs: 7,
    progress: [at(0, 90, 100), at(1, 50, 50)],
  })
  expect(isArchived(arrived, [at(0, 90, 100), at(1, 50, 50)])).toBe(false)
  // A turn later both partitions have grown, and what had arrived then is archived.
  const grown = [at(0, 100, 130), at(1, 60, 70)]
  const again = noteArrived(arrived, { id: 'recompute-1-after-0', nowMs: 7, progress: grown })
  expect(isArchived(again, grown)).toBe(true)
})

test('every partition counts', () => {
  const arrived = noteArrived(null, { id: 'a', nowMs: 7, progress: [at(0, 0, 10), at(1, 0, 10)] })
  expect(isArchived(arrived, [at(0, 10, 10), at(1, 9, 10)])).toBe(false)
})

test('the next job waits for what has arrived by then', () => {
  const first = noteArrived(null, { id: 'a', nowMs: 7, progress: [at(0, 5, 5)] })
  const next = noteArrived(first, { id: 'b', nowMs: 7, progress: [at(0, 7, 9)] })
  expect(isArchived(next, [at(0, 8, 12)])).toBe(false)
  expect(isArchived(next, [at(0, 9, 12)])).toBe(true)
})

function at(partition: number, committed: number, end: number): LogProgress {
  return { partition, start: 0, committed, end }
}
