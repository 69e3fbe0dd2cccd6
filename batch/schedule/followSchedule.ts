import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Job, JobState, Jobs } from '../../schemas/ports/jobs.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Notices } from '../../schemas/ports/notices.ts'
import { readArchiveProgress } from '../../schemas/ports/readPlaces.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { dirtyJob } from './dirtyJob.ts'
import type { JobFacts } from './nextJobs.ts'
import type { Arrived } from './noteArrived.ts'
import { type Noticed, noticeDirtyDays } from './noticeDirtyDays.ts'
import { planTurn, type Seen } from './planTurn.ts'

export type FollowScheduleParameters = {
  readonly log: Log
  readonly views: Views
  readonly jobs: Jobs
  readonly clock: Clock
  /** Announces generations, enrolments and events. */
  readonly notices: Pick<Notices, 'seen'>
  readonly signal: AbortSignal
  /** Without it, dirty days are noticed and nothing is asked for. */
  readonly isDaily: boolean
  readonly latenessS: number
  /** A partition without a record for this long is idle, s. */
  readonly idleS: number
  /** Dirty days are recomputed when no late reading has come for this long, s. */
  readonly quietS: number
  /** One process of the layer does, and looks at the schedule: jobs are asked for by one. */
  isLeading(): boolean
  readFacts(): Promise<Facts>
  /** Called with a message when a temporary fault occurs. */
  report(sentence: string): void
}

type Facts = JobFacts & { readonly published: Generation | null }

const turnMsMax = 5_000
/** The longest pause while nothing changes, by the clock: jobs begin so much later, at most. */
const pauseMsMax = 60_000
/** A failed recomputation is added again after this many turns, about a minute. */
const failedTurns = 12

/** A quiet time shorter than the usual turn shortens the turn. */
function turnMsOf({ quietS }: Pick<FollowScheduleParameters, 'quietS'>): number {
  return Math.min(turnMsMax, quietS * 1000)
}

/** What one turn leaves to the next. */
type Memory = {
  arrived: Arrived | null
  noticed: Noticed | null
  /** The recomputation of dirty days that was asked for last. */
  asked: { readonly job: Job; readonly atMs: number } | null
}

/** Until the signal aborts: notices dirty days, and adds due jobs. */
export async function followSchedule(parameters: FollowScheduleParameters): Promise<void> {
  const { jobs, clock, signal, report } = parameters
  const askFor = createAsking(jobs)
  const memory: Memory = { arrived: null, noticed: null, asked: null }
  const turnMs = turnMsOf(parameters)
  let pauseMs = turnMs
  while (!signal.aborted) {
    try {
      const before = await lookAround(parameters)
      if (parameters.isLeading()) await takeTurn(parameters, memory, askFor)
      const isWaiting = memory.arrived !== null
      const hasChanged = await rest(parameters, before, isWaiting ? 0 : pauseMs)
      pauseMs = hasChanged || isWaiting ? turnMs : Math.min(2 * pauseMs, pauseMsMax)
    } catch (error) {
      report(`The schedule is looked at again: ${sentenceOf(error)}`)
      await clock.sleep(turnMs, signal).catch(() => {})
    }
  }
}

/**
 * Waits for a turn, and on until records arrived or were archived, something was announced, or the
 * clock has moved by the pause, in whichever direction: the log is cheap to look at, the views are
 * not.
 *
 * @returns whether something changed.
 */
async function rest(
  parameters: FollowScheduleParameters,
  before: Around,
  pauseMs: number,
): Promise<boolean> {
  const { clock, signal } = parameters
  let now: Around
  do {
    await clock.sleep(turnMsOf(parameters), signal).catch(() => {})
    now = await lookAround(parameters)
    if (now.notices !== before.notices || now.progress !== before.progress) return true
  } while (!signal.aborted && Math.abs(now.nowMs - before.nowMs) < pauseMs)
  return false
}

type Around = { readonly nowMs: number; readonly notices: number; readonly progress: string }

async function lookAround({ log, clock, notices }: FollowScheduleParameters): Promise<Around> {
  const { seen } = notices
  const progress = JSON.stringify(await log.progress('archive', readingsTopic))
  return { nowMs: clock.nowMs(), notices: seen, progress }
}

async function takeTurn(
  parameters: FollowScheduleParameters,
  memory: Memory,
  askFor: (job: Job) => Promise<JobState>,
): Promise<void> {
  const { views, clock, isDaily } = parameters
  const facts = await parameters.readFacts()
  const { published } = facts
  if (published) {
    const found = { published, nowMs: clock.nowMs() }
    memory.noticed = await noticeDirtyDays(views, memory.noticed, found)
  }
  if (!isDaily) return
  const turn = planTurn(memory.arrived, await look(parameters, facts))
  memory.arrived = turn.arrived
  await askInOrder(turn.jobs, askFor)
  // The next day's job computes the dirty days as well.
  if (turn.arrived === null) await askForDirtyDays(parameters, memory, facts)
}

async function look(parameters: FollowScheduleParameters, facts: Facts): Promise<Seen> {
  const { log, views, clock, latenessS, idleS } = parameters
  // The rows are read last, so that their offsets are not behind the log ends read before.
  const progress = await log.progress('archive', readingsTopic)
  const rows = await readArchiveProgress(views)
  return { nowMs: clock.nowMs(), latenessS, idleS, facts, progress, rows }
}

/** Asks for one recomputation at a time: the next waits for this one's generation. */
async function askForDirtyDays(
  { jobs, clock, quietS }: FollowScheduleParameters,
  memory: Memory,
  facts: JobFacts,
): Promise<void> {
  if (!memory.noticed) return
  const nowMs = clock.nowMs()
  const askedMs = memory.asked?.atMs ?? null
  const job = dirtyJob(facts, memory.noticed, { nowMs, quietS, askedMs })
  if (!job) return
  if (memory.asked) {
    const { state } = await jobs.report('recompute', memory.asked.job.id)
    if (state === 'waiting' || state === 'active') return
  }
  await jobs.add(job)
  memory.asked = { job, atMs: nowMs }
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
