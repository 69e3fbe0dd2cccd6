import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { Job } from '../ports/jobs.ts'

/** The names of the suite's jobs. */
export const suiteNames = ['echo', 'flaky', 'hopeless', 'refused', 'slow'] as const

/** The jobs of `jobs.ts`. They run outside the test's process and report through files. */
export async function handle(job: Job): Promise<unknown> {
  const file = String(job.data.file ?? '')
  if (file) appendFileSync(file, `${process.pid}\n`)
  if (job.name === 'echo') return { id: job.id, data: job.data, pid: process.pid }
  if (job.name === 'flaky' && countTries(file) < 3) throw new Error(`try ${countTries(file)}`)
  if (job.name === 'hopeless') throw new Error(`try ${countTries(file)} failed too`)
  if (job.name === 'refused') throw new InvalidArgumentError('There is no such day.')
  if (job.name === 'slow') return computeOnce(job)
  return countTries(file)
}

/** Blocks its event loop, as training does, and then has an effect that is safe to repeat. */
function computeOnce(job: Job): string {
  const effect = `${job.data.file}.effect`
  const each = [job.data.milliseconds].flat()
  // One for each try; the last one for all further tries.
  const milliseconds = Number(each[countTries(String(job.data.file)) - 1] ?? each.at(-1))
  const until = performance.now() + milliseconds
  while (performance.now() < until);
  if (existsSync(effect)) return 'was done'
  writeFileSync(effect, String(process.pid))
  return 'done'
}

function countTries(file: string): number {
  return readFileSync(file, 'utf8').trim().split('\n').length
}
