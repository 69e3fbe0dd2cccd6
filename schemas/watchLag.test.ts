import { expect, test } from 'vitest'
import { createLagWatch } from './watchLag.ts'

test('lag is stalled when records waited for half a minute and none was committed', () => {
  let nowMs = 0
  const watch = createLagWatch(() => nowMs)
  const look = (atMs: number, committed: number, end: number) => {
    nowMs = atMs
    return watch.stalledMs({ group: 'speed', topic: 't', partition: 0, committed, end })
  }
  expect(look(0, 5, 9)).toBeNull()
  expect(look(29_999, 5, 12)).toBeNull()
  expect(look(30_000, 5, 12)).toBe(30_000)
  // Any progress clears it.
  expect(look(31_000, 6, 12)).toBeNull()
  expect(look(60_999, 6, 12)).toBeNull()
  expect(look(61_000, 6, 12)).toBe(30_000)
  expect(look(62_000, 12, 12)).toBeNull()
  // Nothing waited for ten minutes; then a record arrives.
  expect(look(662_000, 12, 13)).toBeNull()
  expect(look(691_999, 12, 13)).toBeNull()
  expect(look(692_000, 12, 13)).toBe(30_000)
})

test('each partition of each group stands alone', () => {
  let nowMs = 0
  const watch = createLagWatch(() => nowMs)
  const at = { topic: 't', committed: 0, end: 1 }
  expect(watch.stalledMs({ ...at, group: 'speed', partition: 0 })).toBeNull()
  nowMs = 30_000
  expect(watch.stalledMs({ ...at, group: 'speed', partition: 1 })).toBeNull()
  expect(watch.stalledMs({ ...at, group: 'archive', partition: 0 })).toBeNull()
  expect(watch.stalledMs({ ...at, group: 'speed', partition: 0 })).toBe(30_000)
})
