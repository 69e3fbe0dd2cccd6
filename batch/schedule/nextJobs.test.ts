import { expect, test } from 'vitest'
import { jobFor, nextJobs } from './nextJobs.ts'

const at = (text: string) => Date.parse(text)
const london = {
  zone: 'Europe/London',
  latenessS: 3600,
  published: null,
  excludedDates: [],
  holidays: [],
  archived: 700,
}

test.each([
  // now, watermark: the midnight that is due
  ['2013-02-11T00:59:00Z', '2013-02-11T00:30:00Z', '2013-02-10T00:00:00Z'], // an hour not over
  ['2013-02-11T01:00:00Z', '2013-02-11T00:30:00Z', '2013-02-11T00:00:00Z'], // closed
  ['2013-02-11T05:00:00Z', '2013-02-10T23:30:00Z', '2013-02-10T00:00:00Z'], // readings missing
  ['2013-07-02T00:30:00Z', '2013-07-01T23:30:00Z', '2013-07-01T23:00:00Z'], // summer: 23 h UTC
])('at %s with readings up to %s, %s is due', (now, watermark, due) => {
  const jobs = nextJobs({ ...london, nowMs: at(now), watermarkMs: at(watermark) })
  expect(jobs.map((job) => [job.name, job.data.highWaterMs])).toEqual([
    ['train', at(due)],
    ['recompute', at(due)],
  ])
})

test('nothing is due twice, or before the first reading', () => {
  const nowMs = at('2013-02-11T02:00:00Z')
  const published = { generation: 3, highWaterMs: at('2013-02-11T00:00:00Z'), heldSinceMs: null }
  expect(nextJobs({ ...london, nowMs, watermarkMs: nowMs, published })).toEqual([])
  expect(nextJobs({ ...london, nowMs, watermarkMs: null })).toEqual([])
})

test('while an operator holds later high-water marks back, none is due', () => {
  const nowMs = at('2013-02-14T02:00:00Z')
  const published = { generation: 3, highWaterMs: at('2013-02-11T00:00:00Z'), heldSinceMs: 1 }
  const facts = { ...london, nowMs, watermarkMs: nowMs }
  expect(nextJobs({ ...facts, published })).toEqual([])
  expect(nextJobs({ ...facts, published: { ...published, heldSinceMs: null } })).toHaveLength(2)
  // A high-water mark to come is of a clock that was ahead: that is no operator's.
  const ahead = { ...published, highWaterMs: nowMs + 86_400_000 }
  expect(nextJobs({ ...facts, published: ahead })).toMatchObject([{ data: { takesBack: true } }])
})

test('the job names the generation it replaces', () => {
  const nowMs = at('2013-02-12T02:00:00Z')
  const published = { generation: 3, highWaterMs: at('2013-02-11T00:00:00Z'), heldSinceMs: null }
  const [, recompute] = nextJobs({ ...london, nowMs, watermarkMs: nowMs, published })
  expect(recompute?.data.after).toBe(3)
})

test('the recomputation knows the days that are not ordinary', () => {
  const nowMs = at('2013-02-12T02:00:00Z')
  const days = { excludedDates: ['2013-02-05'], holidays: ['2013-01-01'] }
  const [, recompute] = nextJobs({ ...london, ...days, nowMs, watermarkMs: nowMs })
  expect(recompute?.data).toMatchObject({ zone: 'Europe/London', ...days })
})

test('a published high-water mark is a job of its own, one for what is archived', () => {
  const highWaterMs = at('2013-02-11T00:00:00Z')
  const facts = { ...london, published: { generation: 3, highWaterMs, heldSinceMs: null } }
  const again = jobFor(facts, 'recompute', highWaterMs)
  expect(again.data).toMatchObject({ after: 3, archived: 700 })
  expect(jobFor({ ...facts, archived: 701 }, 'recompute', highWaterMs).id).not.toBe(again.id)
  const next = jobFor(facts, 'recompute', highWaterMs + 86_400_000)
  expect(next.data).toMatchObject({ after: 3, archived: null })
  // However much arrives until it is done, the job of a new high-water mark is one job.
  expect(jobFor({ ...facts, archived: 701 }, 'recompute', highWaterMs + 86_400_000)).toEqual(next)
})
