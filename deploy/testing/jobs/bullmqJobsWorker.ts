import { openBullmqJobs } from '../../engines/jobs/bullmqJobs.ts'

/** A worker process that tests kill in the middle of a job. Run by the tests of `bullmqJobs.ts`. */
const [url = '', prefix = '', module = '', ...names] = process.argv.slice(2)
const jobs = await openBullmqJobs({ url, prefix, names, lockMs: 2_000, backoffMs: 50 })
await jobs.work({ names, module: new URL(module) })
process.stdout.write('working\n')
