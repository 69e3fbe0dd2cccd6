import type { LogPosition } from '../schemas/logRecord.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import type { Following, Shell } from './following.ts'
import { type RejectedCursor, rejectedEpoch } from './processRejected.ts'
import { ownedNow, readOf, shareNow } from './shares.ts'

/**
 * When to look for a new generation and changed enrolments. They are announced to processes of
 * one machine; what comes from elsewhere is found by looking, with pauses that double while nothing
 * has changed. Without notices the pause stays the shortest.
 */
export type PointerLook = {
  /** By `Clock.elapsedMs`. */
  dueMs: number
  pauseMs: number
  /** Notices at the last look. */
  seen: number
}

/** What `rest` looks at of all that the layer follows. */
type Resting = {
  readonly current: Following | null
  readonly next: Following | null
  readonly preparing: object | null
  readonly rejected: RejectedCursor
  readonly lanes: Readonly<Record<string, { readonly untilMs: number }>>
  readonly pointer: PointerLook
}

export const pollMsMin = 250
const pollMsMax = 5_000
/** Between two turns while something is under way that does not announce its end. */
const busyMs = 60
/** Between two looks while nothing is assigned; a change ends it. */
const unassignedMs = 1_000
/** How long live micro-batches gather, see `gather`. */
const gatherMs = 100
const readingsEnough = 10_000

export function isPointerDue({ clock, notices }: Shell, look: PointerLook): boolean {
  return clock.elapsedMs() >= look.dueMs || (notices !== undefined && notices.seen !== look.seen)
}

/** Before the look: a change during it is announced again. @param isSoon it looks at a part. */
export function noteLook({ clock, notices }: Shell, look: PointerLook, isSoon: boolean): void {
  const isNew = notices === undefined || notices.seen !== look.seen
  look.seen = notices?.seen ?? look.seen
  look.pauseMs = isNew || isSoon ? pollMsMin : Math.min(2 * look.pauseMs, pollMsMax)
  look.dueMs = clock.elapsedMs() + look.pauseMs
}

/**
 * Lets a micro-batch gather: 10,000 readings, or those of 100 ms. An insert costs the store as much
 * as some 10,000 rows, so that small ones take its time from others; what comes after a pause does
 * not wait.
 */
export async function gather(shell: Shell, resting: Resting, sinceMs: number): Promise<void> {
  const { current, next, preparing } = resting
  if (!current || current.backlog || next || preparing) return
  const isSmall = current.latestReadings > 0 && current.latestReadings < readingsEnough
  const leftMs = sinceMs + gatherMs - shell.clock.elapsedMs()
  if (isSmall && leftMs > 0) await sleep(shell, leftMs)
}

async function sleep({ clock, signal }: Shell, ms: number): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Waits for records, an announcement, or the next look; shortly while something is under way. */
export async function rest(shell: Shell, resting: Resting): Promise<void> {
  const { log, clock, notices, membership, signal } = shell
  const { current, pointer } = resting
  const nowMs = clock.elapsedMs()
  const hasShare = shareNow(shell).size > 0
  if ((!current && hasShare) || isUnderWay(resting, nowMs)) {
    await sleep(shell, busyMs)
    return
  }
  const waiting = new AbortController()
  const end = () => waiting.abort()
  signal.addEventListener('abort', end)
  const msMax = hasShare ? Math.max(1, pointer.dueMs - nowMs) : unassignedMs
  const options = { msMax, signal: waiting.signal }
  try {
    await Promise.race([
      log.waitForRecords(nextPositions(shell, current, resting.rejected), options),
      ...(notices && hasShare ? [notices.wait(pointer.seen, options)] : []),
      ...(membership ? [membership.waitForChange(membership.changes, options)] : []),
    ])
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

function isUnderWay({ current, next, preparing, lanes }: Resting, nowMs: number): boolean {
  const isPausing = Object.values(lanes).some(({ untilMs }) => untilMs > nowMs)
  const isUnwritten = current !== null && current.outbox.waiting.length > 0
  return next !== null || preparing !== null || isPausing || isUnwritten || hasMore(current)
}

/** What it cannot go on with before the next look at enrolments, or has yet to publish. */
function hasMore(current: Following | null): boolean {
  return current !== null && (current.isOutdated || current.backlog !== null)
}

/** Only of what this process reads: others' records would end each wait. */
function nextPositions(
  shell: Shell,
  current: Following | null,
  rejected: RejectedCursor,
): LogPosition[] {
  const isRead = current ? readOf(ownedNow(shell, current)) : []
  const all = (current?.next ?? []).map((offset, partition) => {
    return { topic: readingsTopic, partition, offset }
  })
  const readings = all.filter(({ partition }) => isRead[partition])
  if (rejected.next === null || rejectedEpoch(shell) !== rejected.epoch) return readings
  return [...readings, { topic: rejectedTopic, partition: 0, offset: rejected.next }]
}
