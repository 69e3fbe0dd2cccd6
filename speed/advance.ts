import { ReplayGoneError } from '../schemas/errors/generation.ts'
import { RetryableError, sentenceOf } from '../schemas/errors/wattproofError.ts'
import { followGeneration, isReenrolled, isSuperseded } from './followGeneration.ts'
import type { Following, Shell } from './following.ts'
import { drain } from './outbox.ts'
import { backlogOf, processBatch, publishBacklog, replayBatch } from './processBatch.ts'
import { processRejected, type RejectedCursor } from './processRejected.ts'
import { coversNow, readOf, sharedBy, shareNow } from './shares.ts'
import { isPointerDue, noteLook, type PointerLook, pollMsMin } from './waitForWork.ts'

/** What the speed layer does by turns. */
export type Follower = {
  /** What the views show; null until the replay of the start is done. */
  current: Following | null
  /** For a newer generation or other enrolments, beside the current one until it has caught up. */
  next: Following | null
  preparing: Preparation | null
  readonly rejected: RejectedCursor
  readonly lanes: Readonly<Record<'live' | 'replay' | 'rejected', Lane>>
  readonly pointer: PointerLook
  /** No replay for changed enrolments before it. */
  restUntilMs: number
}

/** `outcome` is null while it is under way. */
type Preparation = {
  done: Promise<void>
  outcome: { readonly following: Following } | { readonly error: unknown } | null
}

/** Work that fails and goes on by itself: a replay that cannot start must not stop the rest. */
type Lane = { untilMs: number; pauseMs: number; sentence: string | null }

const pauseMsMin = 250
const pauseMsMax = 5_000
/** Micro-batches of a replay per live one: it catches up, and the live ones wait that long. */
const replayBatches = 2

export function createFollower(): Follower {
  const lane = (): Lane => ({ untilMs: 0, pauseMs: 0, sentence: null })
  return {
    ...{
      current: null,
      next: null,
      preparing: null,
      rejected: { next: null, counted: null, epoch: null },
    },
    lanes: { live: lane(), replay: lane(), rejected: lane() },
    ...{ pointer: { dueMs: 0, pauseMs: pollMsMin, seen: -1 }, restUntilMs: 0 },
  }
}

/**
 * One turn: a live micro-batch and a piece of the backlog, some micro-batches of a replay, and
 * rejected readings. False when there was nothing to do, or all of it waits for a store.
 *
 * @throws InvariantError when the counters do not balance; then nothing of the batch is committed.
 */
export async function advance(shell: Shell, follower: Follower): Promise<boolean> {
  const { lanes } = follower
  const live = await attempt(shell, lanes.live, () => advanceLive(shell, follower))
  const replay = await attempt(shell, lanes.replay, () => advanceReplay(shell, follower))
  const counted = async () => (await processRejected(shell, follower.rejected)) > 0
  const rejected = await attempt(shell, lanes.rejected, counted)
  return live || replay || rejected
}

/** The state stays as it is when a store is unreachable: the same step is tried again later. */
async function attempt(shell: Shell, lane: Lane, work: () => Promise<boolean>): Promise<boolean> {
  if (shell.clock.elapsedMs() < lane.untilMs || shell.signal.aborted) return false
  try {
    const isBusy = await work()
    Object.assign(lane, { pauseMs: 0, sentence: null })
    return isBusy
  } catch (error) {
    if (shell.signal.aborted) return false
    if (!(error instanceof RetryableError)) throw error
    const sentence = sentenceOf(error)
    if (sentence !== lane.sentence) shell.report(`The speed layer tries again: ${sentence}`)
    lane.sentence = sentence
    lane.pauseMs = Math.min(pauseMsMax, Math.max(pauseMsMin, 2 * lane.pauseMs))
    lane.untilMs = shell.clock.elapsedMs() + lane.pauseMs
    return false
  }
}

async function advanceLive(shell: Shell, { current }: Follower): Promise<boolean> {
  if (!current) return false
  // First: what a killed process published of its last micro-batch must not go back.
  const records = await processBatch(shell, current)
  return (await publishBacklog(shell, current)) || records > 0
}

/**
 * Readers see the current state until the next one has caught up with it, and then only complete
 * rows and sums of the next one: nothing they see goes back.
 */
async function advanceReplay(shell: Shell, follower: Follower): Promise<boolean> {
  const { current } = follower
  follower.next ??= await prepareNext(shell, follower)
  const { next } = follower
  if (!next) return false
  for (let batch = 0; batch < replayBatches; batch++) {
    const until = untilOf(current, next)
    const isRead = readOf(sharedBy(shell, next))
    if (next.next.every((offset, at) => !isRead[at] || offset >= until[at]!)) {
      await replaceCurrent(shell, follower, next)
      return true
    }
    try {
      await replayBatch(shell, next, until)
    } catch (error) {
      // Retention may pass a partition that another process reads: the replay begins anew.
      if (error instanceof ReplayGoneError) follower.next = null
      throw error
    }
    // Then it is prepared again, with those enrolments.
    if (next.isOutdated) follower.next = null
    if (next.isOutdated) return true
  }
  return true
}

/**
 * Where a replay ends: at the current state where that goes on, and of a partition that is new to
 * this process at what was committed of it: what comes after it is to be counted.
 */
function untilOf(current: Following | null, next: Following): number[] {
  return next.committed.map((offset, partition) => {
    const isOthers = !next.share.has(partition)
    if (!current || !(isOthers || isKept(current, next, partition))) return offset
    return isOthers ? Math.max(offset, current.next[partition]!) : current.next[partition]!
  })
}

function isKept(current: Following, next: Following, partition: number): boolean {
  return next.share.has(partition) && current.share.get(partition) === next.share.get(partition)
}

async function replaceCurrent(shell: Shell, follower: Follower, next: Following): Promise<void> {
  const { current } = follower
  if (current) {
    await drain(shell, current, 0)
    for (const [partition, offset] of current.committed.entries()) {
      if (isKept(current, next, partition)) next.counted[partition] = current.counted[partition]!
      next.committed[partition] = Math.max(next.committed[partition]!, offset)
      // What is new to this process is to be counted yet, and the current state may be beyond it.
      if (next.share.has(partition) && !isKept(current, next, partition)) continue
      // The latest reading may be of before the new high-water mark, and not in the replay.
      const endMs = current.state.maxEndMs[partition]!
      next.state.maxEndMs[partition] = Math.max(next.state.maxEndMs[partition]!, endMs)
    }
  }
  await drain(shell, next, 0)
  next.backlog = backlogOf(next.state)
  const nowMs = shell.clock.elapsedMs()
  // Replays take at most half of the time, however many changes come one after another.
  follower.restUntilMs = 2 * nowMs - next.sinceMs
  Object.assign(follower, { current: next, next: null })
}

/**
 * Null while nothing has moved or the preparation is under way; the current state goes on
 * meanwhile. There is one replay at a time, which ends before the next one begins, so that a series
 * of changes cannot keep it from its end.
 */
async function prepareNext(shell: Shell, follower: Follower): Promise<Following | null> {
  if (!follower.preparing) {
    if (!(await hasMoved(shell, follower))) return null
    follower.preparing = prepare(shell)
  }
  const { preparing, current } = follower
  if (!current) await preparing.done
  const { outcome } = preparing
  if (!outcome) return null
  follower.preparing = null
  if ('error' in outcome) throw outcome.error
  return outcome.following
}

function prepare(shell: Shell): Preparation {
  const preparing: Preparation = { done: Promise.resolve(), outcome: null }
  preparing.done = followGeneration(shell).then(
    (following) => {
      preparing.outcome = { following }
    },
    (error: unknown) => {
      preparing.outcome = { error }
    },
  )
  return preparing
}

/**
 * Whether the state must be created again: a new generation was published, or enrolments changed
 * what it has published. Queries when a change is announced, and by the pauses of `PointerLook`;
 * only once all of the state is published.
 */
async function hasMoved(shell: Shell, follower: Follower): Promise<boolean> {
  const { current } = follower
  // Until something is assigned there is nothing to show.
  if (shareNow(shell).size === 0) return false
  if (!current || current.isOutdated) return true
  const nowMs = shell.clock.elapsedMs()
  if (current.backlog) return false
  if (!coversNow(shell, current)) return true
  if (!isPointerDue(shell, follower.pointer)) return false
  const isResting = nowMs < follower.restUntilMs
  noteLook(shell, follower.pointer, isResting)
  if (await isSuperseded(shell, current)) return true
  return !isResting && (await isReenrolled(shell, current))
}
