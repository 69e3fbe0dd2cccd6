import { sentenceOf } from '../schemas/errors/wattproofError.ts'
import type { Clock } from '../schemas/ports/clock.ts'
import type { Job, JobState, Jobs } from '../schemas/ports/jobs.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { readingsTopic } from '../schemas/topics.ts'
import type { JobFacts } from './schedule/nextJobs.ts'
import type { Arrived } from './schedule/noteArrived.ts'
import { planTurn, type Seen } from './schedule/planTurn.ts'

export type FollowScheduleParameters = {
  readonly log: Log
  readonly views: Views
  readonly jobs: Jobs
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly latenessS: number
  /** A partition without a record for this long is idle, s. */
  readonly idleS: number
  readFacts(): Promise<JobFacts>
  /** Called with a message when a temporary fault occurs. */
  report(sentence: string): void
}

const turnMs = 5_000
/** A failed recomputation is added again after this many turns, about a minute. */
const failedTurns = 12

/** The daily schedule: adds due jobs until the signal aborts. */
export async function followSchedule(parameters: FollowScheduleParameters): Promise<void> {
  const { jobs, clock, signal, report } = parameters
  const askFor = createAsking(jobs)
  let arrived: Arrived | null = null
  while (!signal.aborted) {
    try {
      const turn = planTurn(arrived, await look(parameters))
      arrived = turn.arrived
      await askInOrder(turn.jobs, askFor)
    } catch (error) {
      report(`The schedule is looked at again: ${sentenceOf(error)}`)
    }
    await clock.sleep(turnMs, signal).catch(() => {})
  }
}

async function look(parameters: FollowScheduleParameters): Promise<Seen> {
  const { log, views, clock, latenessS, idleS } = parameters
  // The rows are read last, so that their offsets are not behind the log ends read before.
  const facts = await parameters.readFacts()
  const progress = await log.progress('archive', readingsTopic)
  const rows = await views.query('archive_progress')
  return { nowMs: clock.nowMs(), latenessS, idleS, facts, progress, rows }
}

/** One job after the other: a recomputation uses the model of the training. */
async function askInOrder(
  due: readonly Job[],
  askFor: (job: Job) => Promise<JobState>,
): Promise<void> {
  for (const job of due) {
    const state = await askFor(job)
    if (state !== 'completed' && state !== 'failed') return
  }
}

function createAsking(jobs: Jobs): (job: Job) => Promise<JobState> {
  let turnsSinceFailed = 0
  return async (job) => {
    const { state } = await jobs.report(job.name, job.id)
    if (state === 'unknown') await jobs.add(job)
    // A failed training is skipped: the recomputation uses the existing model.
    if (state !== 'failed' || job.name === 'train') return state
    turnsSinceFailed = (turnsSinceFailed + 1) % failedTurns
    if (turnsSinceFailed === 0) await jobs.add(job)
    return state
  }
}
