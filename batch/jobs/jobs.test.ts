import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { readRecomputeData, readTrainData, recomputeJob, trainJob } from './jobs.ts'

const highWaterMs = Date.UTC(2013, 1, 11)

test('requesting the same twice is one job', () => {
  const asked = { highWaterMs, zone: 'Europe/London' }

  expect(recomputeJob(asked)).toEqual(recomputeJob({ ...asked, after: 0 }))
  expect(recomputeJob(asked).id).toBe(`recompute-${highWaterMs}-after-0`)
  expect(recomputeJob({ ...asked, after: 1 }).id).not.toBe(recomputeJob(asked).id)
  expect(trainJob({ highWaterMs }).id).toBe(`train-${highWaterMs}`)
})

test('a worker reads what was requested, with defaults filled in', () => {
  const job = recomputeJob({ highWaterMs, zone: 'Europe/London', excludedDates: ['2013-02-11'] })
  const stored = JSON.parse(JSON.stringify(job.data))

  expect(readRecomputeData(stored)).toEqual({
    highWaterMs,
    zone: 'Europe/London',
    after: 0,
    archived: null,
    hold: null,
    takesBack: false,
    method: 'caiso-10-in-10',
    excludedDates: ['2013-02-11'],
    holidays: [],
  })
  expect(readTrainData(trainJob({ highWaterMs }).data)).toEqual({ highWaterMs, historyDays: 400 })
})

test.each([
  [{ highWaterMs: 1.5, zone: 'Europe/London' }],
  [{ highWaterMs, zone: '' }],
  [{ highWaterMs, zone: 'Europe/London', holidays: ['1 May'] }],
  [{ highWaterMs, zone: 'Europe/London', password: 'x' }],
])('refuses %j', (data) => {
  expect(() => readRecomputeData(data)).toThrow(InvalidArgumentError)
})
