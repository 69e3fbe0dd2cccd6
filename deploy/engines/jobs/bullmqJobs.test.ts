import { afterAll, expect, test } from 'vitest'
import { describeJobs } from '../../../schemas/conformance/jobs.ts'
import { InvalidArgumentError, RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { freePorts } from '../../installation/addresses.ts'
import { jobsHarness } from '../../testing/jobs/jobsHarness.ts'
import { makeJobsPostgres } from '../../testing/jobs/jobsPostgres.ts'
import { openBullmqJobs } from './bullmqJobs.ts'

const postgres = makeJobsPostgres()
afterAll(() => postgres.end())

describeJobs('bullmq with postgres', async (names) => {
  const { url } = await postgres.server()
  return jobsHarness(url, names)
})

test('an unreachable or unknown store is reported', async () => {
  const [port] = await freePorts(1)
  const nowhere = openBullmqJobs({
    url: `postgres://postgres:p@127.0.0.1:${port}/postgres`,
    names: ['echo'],
    report: () => {},
  })
  await expect(nowhere).rejects.toThrow(RetryableError)
  const unknown = openBullmqJobs({ url: 'mysql://localhost/jobs', names: ['echo'] })
  await expect(unknown).rejects.toThrow(InvalidArgumentError)
})
