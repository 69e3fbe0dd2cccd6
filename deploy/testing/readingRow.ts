import type { Word } from '../../schemas/reading/word.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'

/** A word as the archive stores it, for tests that need no archive. */
export function readingRow({
  reading,
  loggedMs,
  partition,
  offset,
  index,
}: Word): InsertRow<'readings'> {
  return {
    meter: reading.meter,
    start: reading.startMs,
    quality: reading.quality,
    standing: reading.standing,
    revision: reading.revision,
    said_at: reading.saidAtMs,
    is_void: reading.isVoid,
    source: reading.source,
    ingest: reading.ingest,
    logged: loggedMs,
    energy_mwh: reading.energyMwh,
    power_w: reading.powerW,
    reactive_var: reading.reactiveVar,
    duration_s: reading.durationS,
    log_partition: partition,
    log_offset: offset,
    log_index: index,
  }
}
