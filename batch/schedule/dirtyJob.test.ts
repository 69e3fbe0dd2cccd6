import { expect, test } from 'vitest'
import { type DirtyDays, dirtyJob } from './dirtyJob.ts'
import type { JobFacts } from './nextJobs.ts'

const highWaterMs = Date.UTC(2013, 1, 11)
const nowMs = highWaterMs + 9 * 3_600_000
const quietS = 60
const facts: JobFacts = {
  ...{ zone: 'UTC', excludedDates: [], holidays: [], archived: 90 },
  published: { generation: 3, highWaterMs, heldSinceMs: null },
}

test('it is due a quiet time after the last late reading', () => {
  expect(askedFor({ since: 59, latest: 59 })).toBeNull()
  expect(askedFor({ since: 60, latest: 60 })).toBe(`recompute-${highWaterMs}-after-3-at-90`)
  expect(askedFor({ since: 200, latest: 1 })).toBeNull()
})

test('a trickle without a pause is waited for five quiet times', () => {
  expect(askedFor({ since: 299, latest: 1 })).toBeNull()
  expect(askedFor({ since: 300, latest: 1 })).not.toBeNull()
})

test('it is asked for at most once a quiet time', () => {
  expect(askedFor({ since: 900, latest: 100, asked: 59 })).toBeNull()
  expect(askedFor({ since: 900, latest: 100, asked: 60 })).not.toBeNull()
})

test('days noticed before the clock went back do not wait until it is there again', () => {
  const month = -30 * 86_400
  expect(askedFor({ since: month, latest: month })).not.toBeNull()
  expect(askedFor({ since: month, latest: month, asked: month })).not.toBeNull()
})

test('without dirty days, or before the first generation, nothing is due', () => {
  const none: DirtyDays = { dates: new Set(), meters: new Set(), sinceMs: null, latestMs: null }
  expect(dirtyJob(facts, none, { nowMs, quietS, askedMs: null })).toBeNull()
  const first = { ...facts, published: null }
  const some = { ...none, sinceMs: 0, latestMs: 0 }
  expect(dirtyJob(first, some, { nowMs, quietS, askedMs: null })).toBeNull()
})

/** Times in seconds ago. */
function askedFor(ago: { since: number; latest: number; asked?: number }): string | null {
  const at = (seconds: number) => nowMs - seconds * 1000
  const dirty = { dates: new Set(['2013-02-10']), meters: new Set(['M1']) }
  const times = { sinceMs: at(ago.since), latestMs: at(ago.latest) }
  const askedMs = ago.asked === undefined ? null : at(ago.asked)
  return dirtyJob(facts, { ...dirty, ...times }, { nowMs, quietS, askedMs })?.id ?? null
}
