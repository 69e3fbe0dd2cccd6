import { describe, expect, test } from 'vitest'
import { describeJobs } from '../../../schemas/conformance/jobs.ts'
import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { jobsHarness } from '../../testing/jobs/jobsHarness.ts'
import { openBullmqJobs } from './bullmqJobs.ts'

/** `.ci/run` starts Redis and exports this; elsewhere the suite is skipped. */
const url = process.env.JOBS_TEST_REDIS_URL

if (url) describeJobs('bullmq with redis', async (names) => jobsHarness(url, names))

describe('redis', () => {
  test('Redis is available where it has to be', () => {
    expect(url !== undefined || !process.env.CI).toBe(true)
  })

  test('an unreachable Redis is reported, not waited for', async () => {
    const nowhere = openBullmqJobs({
      url: 'redis://127.0.0.1:1',
      names: ['echo'],
      report: () => {},
    })
    await expect(nowhere).rejects.toThrow(RetryableError)
  })
})
