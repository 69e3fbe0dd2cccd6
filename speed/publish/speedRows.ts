import { emptyCounters } from '../../schemas/reading.ts'
import { deviationColumns, groupColumns } from '../../schemas/sql/deviationColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import type { SpeedGroupSum } from '../deviation/sumSpeedGroup.ts'
import type { DeviationRow } from '../microbatch/advanceChanges.ts'
import type { RecordCounters } from '../microbatch/processRecords.ts'

/** Offsets stay below 2^40; the generation is above them, so that a newer one wins. */
const offsetBits = 40n

/** The version of a row: generation first, then the log. */
function versionOf(generation: number, offset: number): bigint {
  return (BigInt(generation) << offsetBits) + BigInt(offset)
}

/** Rows of `speed_deviation`. */
export function deviationRows(
  generation: number,
  rows: readonly DeviationRow[],
): InsertRow<'speed_deviation'>[] {
  return rows.map(({ deviation, offset }) => ({
    ...deviationColumns(deviation),
    version: versionOf(generation, offset),
  }))
}

/** Rows of `speed_group`. */
export function groupRows(
  generation: number,
  sums: readonly SpeedGroupSum[],
): InsertRow<'speed_group'>[] {
  return sums.map((sum) => ({
    ...groupColumns(sum),
    version: versionOf(generation, sum.versionSum),
  }))
}

/** Rows of `ingest_counters` for records of `readings.v1`. */
export function counterRows(
  generation: number,
  records: readonly RecordCounters[],
): InsertRow<'ingest_counters'>[] {
  return records.map(({ partition, offset, counters }) => ({
    layer: 'speed',
    topic: readingsTopic,
    log_partition: partition,
    log_offset: offset,
    version: versionOf(generation, offset),
    ...counters,
  }))
}

/** Rows of `ingest_counters` for records of `readings.v1.rejected`: one rejected reading each. */
export function rejectedCounterRows(offsets: readonly number[]): InsertRow<'ingest_counters'>[] {
  return offsets.map((offset) => ({
    layer: 'speed',
    topic: rejectedTopic,
    log_partition: 0,
    log_offset: offset,
    version: offset,
    ...emptyCounters,
    read: 1,
    rejected: 1,
  }))
}

/** Rows of `watermarks`; none before the first reading of a partition. */
export function watermarkRows(
  generation: number,
  at: { readonly partition: number; readonly offset: number; readonly watermarkMs: EpochMs },
): InsertRow<'watermarks'>[] {
  if (!Number.isFinite(at.watermarkMs)) return []
  const version = versionOf(generation, at.offset)
  return [{ log_partition: at.partition, version, watermark: at.watermarkMs }]
}
