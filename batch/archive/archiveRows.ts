import type { DeadLetter } from '../../schemas/deadLetter.ts'
import { meterId } from '../../schemas/ids.ts'
import type { LogPosition, LogRecord } from '../../schemas/ports/log.ts'
import type { Row } from '../../schemas/ports/views.ts'
import type { IngestCounters, Quality } from '../../schemas/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { StoredVersion } from './versionIndex.ts'

/** A row of `versions_between`. */
export type VersionRow = {
  readonly meter: string
  readonly start_ms: number
  readonly quality: number
  readonly revision: number
  readonly energy_mwh: number
  readonly power_w: number | null
  readonly reactive_var: number | null
  readonly duration_s: number
  readonly log_partition: number
  readonly log_offset: number
  readonly log_index: number
}

export function versionOf(row: VersionRow): StoredVersion {
  return {
    reading: {
      meter: meterId(row.meter),
      startMs: row.start_ms,
      durationS: row.duration_s,
      energyMwh: energyMwh(row.energy_mwh),
      powerW: singleOf(row.power_w),
      reactiveVar: singleOf(row.reactive_var),
      quality: row.quality as Quality,
      revision: row.revision,
    },
    partition: row.log_partition,
    offset: row.log_offset,
    index: row.log_index,
  }
}

export function readingRow({ reading, partition, offset, index }: StoredVersion): Row {
  return {
    meter: reading.meter,
    start: reading.startMs,
    quality: reading.quality,
    revision: reading.revision,
    energy_mwh: reading.energyMwh,
    power_w: reading.powerW,
    reactive_var: reading.reactiveVar,
    duration_s: reading.durationS,
    log_partition: partition,
    log_offset: offset,
    log_index: index,
  }
}

export function counterRow(
  { topic, partition, offset }: LogPosition,
  counters: IngestCounters,
): Row {
  return {
    layer: 'archive',
    topic,
    log_partition: partition,
    log_offset: offset,
    version: 1,
    ...counters,
  }
}

export function rejectedRow({ offset }: LogPosition, deadLetter: DeadLetter): Row {
  return {
    reason: deadLetter.reason,
    log_offset: offset,
    detail: deadLetter.detail,
    source: deadLetter.source,
    source_index: deadLetter.index,
    received: deadLetter.receivedMs,
    original_base64: deadLetter.originalBase64,
  }
}

/**
 * A record of the readings topic that is no frame: somebody else wrote there. Its bytes are kept
 * among the rejected; the key's high bit keeps it apart from offsets of the rejected topic.
 */
export function undecodableRow(record: LogRecord, detail: string, receivedMs: EpochMs): Row {
  const { topic, partition, offset } = record.position
  return {
    reason: 'unparsable',
    log_offset: (1n << 63n) | (BigInt(partition) << 40n) | BigInt(offset),
    detail,
    source: `${topic}/${partition}/${offset}`,
    source_index: 0,
    received: receivedMs,
    original_base64: Buffer.from(record.value).toString('base64'),
  }
}

/** JSON has the shortest decimal of a single; frames have the single itself. */
function singleOf(value: number | null): number | null {
  return value === null ? null : Math.fround(value)
}
