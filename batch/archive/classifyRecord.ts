import type { LogPosition } from '../../schemas/logRecord.ts'
import { emptyCounters, type IngestCounters, type Reading } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { addVersion, findBefore, type StoredVersion, type VersionIndex } from './versionIndex.ts'

export type ClassifyRecordParameters = {
  readonly position: LogPosition
  readonly readings: readonly Reading[]
  /** Intervals that end at or before this are late; -Infinity before the first record. */
  readonly watermarkMs: EpochMs
}

export type ClassifyRecordReturnType = {
  readonly accepted: readonly StoredVersion[]
  readonly counters: IngestCounters
}

/**
 * Decides what is new in one record of the log, and counts it.
 *
 * Same meter, interval and value as an earlier version: duplicate, not stored. Another value: a
 * new version, counted in `corrected` within `accepted`. What is accepted joins `known`, so that
 * later rows and records see it.
 */
export function classifyRecord(
  record: ClassifyRecordParameters,
  known: VersionIndex,
): ClassifyRecordReturnType {
  const { partition, offset } = record.position
  const accepted: StoredVersion[] = []
  let corrected = 0
  let late = 0
  record.readings.forEach((reading, index) => {
    const before = findBefore(known, reading, { partition, offset, index })
    if (before === 'same') return
    if (before === 'others') corrected += 1
    if (endOf(reading) <= record.watermarkMs) late += 1
    const version = { reading, partition, offset, index }
    addVersion(known, version)
    accepted.push(version)
  })
  const read = record.readings.length
  const duplicate = read - accepted.length
  return {
    accepted,
    counters: { ...emptyCounters, read, accepted: accepted.length, duplicate, corrected, late },
  }
}

/** The latest interval end so far: the watermark before the allowed lateness is subtracted. */
export function maxEndOf(readings: readonly Reading[], before: EpochMs): EpochMs {
  return readings.reduce((latest, reading) => Math.max(latest, endOf(reading)), before)
}

function endOf({ startMs, durationS }: Reading): EpochMs {
  return startMs + durationS * 1000
}
