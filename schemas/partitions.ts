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
 * A time of reading in the future is of a clock that was ahead: what it read is as old as it is far
 * away, or a partition without records would be waited for until the clock is there again.
 */
export function isIdle({ readMs, isAtEnd }: PartitionState, { nowMs, idleS }: IdleAt): boolean {
  return isAtEnd && readMs !== null && Math.abs(nowMs - readMs) >= idleS * 1000
}

/**
 * Event time that all active partitions have reached: the minimum over those that are not idle,
 * null while one of them has no reading yet. If all are idle, it is the maximum over all.
 */
export function reachedByAwake(partitions: readonly PartitionState[], at: IdleAt): EpochMs | null {
  const awake = partitions.filter((each) => !isIdle(each, at))
  const reached = (awake.length > 0 ? awake : partitions).map(({ reachedMs }) => reachedMs)
  const known = reached.filter((each): each is EpochMs => each !== null)
  if (awake.length === 0) return known.length === 0 ? null : Math.max(...known)
  return known.length < awake.length ? null : Math.min(...known)
}
