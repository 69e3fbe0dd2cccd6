import type { EpochMs } from './time.ts'

/** The state of one partition of `readings.v1`. */
export type PartitionState = {
  readonly partition: number
  /** Progress in event time; null before its first reading. */
  readonly reachedMs: EpochMs | null
  /** When its last record was read, by the clock; before the first, when waiting began. */
  readonly readMs: EpochMs | null
  /** All of it is read: a lagging partition is not idle, however long ago it was read. */
  readonly isAtEnd: boolean
}

export type IdleAt = {
  readonly nowMs: EpochMs
  /** A partition without a record for this long is idle, s. */
  readonly idleS: number
}

/**
 * A read time in the future means that the clock was ahead. Its distance counts as its age: else an
 * empty partition would block the schedule until the clock had caught up.
 */
export function isIdle({ readMs, isAtEnd }: PartitionState, { nowMs, idleS }: IdleAt): boolean {
  return isAtEnd && readMs !== null && Math.abs(nowMs - readMs) >= idleS * 1000
}

/** Meters that are further behind the others than this send history, however steadily, ms. */
const behindMsMin = 24 * 3_600_000

/**
 * Event time that all active partitions have reached: the minimum over those that are not idle,
 * null while one of them has no reading yet. If all are idle, it is the maximum over all.
 *
 * One that is read to its end and still more than a day behind the furthest, of which the clock
 * bounds the time, is not waited for either: else one meter that always sends last week's readings
 * would keep everybody's days open. What it sends is late, and its days are computed again.
 */
export function reachedByAwake(partitions: readonly PartitionState[], at: IdleAt): EpochMs | null {
  const furthestMs = Math.min(at.nowMs, maxOf(knownOf(partitions)) ?? at.nowMs)
  const awake = partitions.filter((each) => !isIdle(each, at) && !isBehind(each, furthestMs))
  const known = knownOf(awake.length > 0 ? awake : partitions)
  if (awake.length === 0) return maxOf(known)
  return known.length < awake.length ? null : Math.min(...known)
}

function isBehind({ reachedMs, isAtEnd }: PartitionState, furthestMs: EpochMs): boolean {
  return isAtEnd && reachedMs !== null && furthestMs - reachedMs > behindMsMin
}

function knownOf(partitions: readonly PartitionState[]): EpochMs[] {
  return partitions.flatMap(({ reachedMs }) => (reachedMs === null ? [] : [reachedMs]))
}

function maxOf(times: readonly EpochMs[]): EpochMs | null {
  return times.length === 0 ? null : Math.max(...times)
}
