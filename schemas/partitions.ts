import type { EpochMs } from './time.ts'

/** One partition of `readings.v1` as its readers have left it. */
export type PartitionState = {
  readonly partition: number
  /** How far it has come in event time; null before its first reading. */
  readonly reachedMs: EpochMs | null
  /** When its last record was read, by the clock; before that, since when one was waited for. */
  readonly readMs: EpochMs | null
  /** Everything in it was read: what lags is not idle, however long ago it was read. */
  readonly isAtEnd: boolean
}

export type IdleAt = {
  readonly nowMs: EpochMs
  /** Without a record for so long a partition is idle, s. */
  readonly idleS: number
}

export function isIdle({ readMs, isAtEnd }: PartitionState, { nowMs, idleS }: IdleAt): boolean {
  return isAtEnd && readMs !== null && nowMs - readMs >= idleS * 1000
}

/**
 * Event time that everybody who still sends has reached: the least over partitions that are not
 * idle, null while one of these has shown nothing. With all of them idle none is waited for, and
 * it is the latest that any has reached.
 */
export function reachedByAwake(partitions: readonly PartitionState[], at: IdleAt): EpochMs | null {
  const awake = partitions.filter((each) => !isIdle(each, at))
  const marks = (awake.length > 0 ? awake : partitions).map(({ reachedMs }) => reachedMs)
  const known = marks.filter((mark): mark is EpochMs => mark !== null)
  if (awake.length === 0) return known.length === 0 ? null : Math.max(...known)
  return known.length < awake.length ? null : Math.min(...known)
}
