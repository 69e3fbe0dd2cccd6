import { expect, test } from 'vitest'
import type { JobReport } from '../../../schemas/ports/jobs.ts'
import { describeBatch } from './describeBatch.ts'

const published = {
  ...{ generation: 3, run: 1n, highWaterMs: 0, horizonMs: 0, modelId: null, createdMs: 0 },
  heldSinceMs: null,
}
const quiet = { recent: [], published, dirtyDays: null, isDaily: true }
const dirtyDays = { days: 2, meters: 5, since: '2013-02-11T10:00:00.000Z' }
const dirty = '2 of its days (5 meters) have later readings:'
const held =
  'Later high-water marks are held back by an operator until POST /api/v1/jobs asks for one.'

test('dirty days are recomputed soon, or wait for an operator; the sentence says how', () => {
  expect(describeBatch(quiet)).toEqual({ state: 'ok', sentence: 'Generation 3 is published.' })
  expect(describeBatch({ ...quiet, dirtyDays })).toEqual({
    state: 'behind',
    sentence: `Generation 3 is published. ${dirty} they are computed again soon.`,
  })
  expect(describeBatch({ ...quiet, dirtyDays, isDaily: false }).sentence).toBe(
    `Generation 3 is published. ${dirty} ` +
      'POST /api/v1/jobs with this high-water mark computes them again.',
  )
})

test('a hold is said until it is lifted', () => {
  expect(describeBatch({ ...quiet, published: { ...published, heldSinceMs: 0 } })).toEqual({
    state: 'waiting',
    sentence: `Generation 3 is published. ${held}`,
  })
})

test('neither is hidden by a job that runs or has failed', () => {
  const job = (state: JobReport['state']) => [{ ...report, state }]
  const report = { id: 'train-1', name: 'train', attempts: 1, result: null, failure: null }
  const both = { ...quiet, dirtyDays, published: { ...published, heldSinceMs: 0 } }
  const waits = `${dirty} they are computed again soon. ${held}`
  expect(describeBatch({ ...both, recent: job('active') })).toEqual({
    state: 'ok',
    sentence: `train-1 under way. ${waits}`,
  })
  expect(describeBatch({ ...both, recent: job('failed') })).toEqual({
    state: 'failed',
    sentence: `train-1 failed; GET /api/v1/jobs says why. ${waits}`,
  })
})
