import type { Word } from '../reading/word.ts'
import type { RowOf } from '../sql/catalogue/catalogue.ts'

/** A word as the master data set has it. */
export function wordOf(row: RowOf<'words_between'>): Word {
  return {
    reading: {
      meter: row.meter,
      startMs: row.start_ms,
      durationS: row.duration_s,
      energyMwh: row.energy_mwh,
      powerW: row.power_w,
      reactiveVar: row.reactive_var,
      quality: row.quality,
      standing: row.standing,
      revision: row.revision,
      saidAtMs: row.said_at_ms,
      isVoid: row.is_void,
      source: row.source,
      ingest: row.ingest,
    },
    loggedMs: row.logged_ms,
    partition: row.log_partition,
    offset: row.log_offset,
    index: row.log_index,
  }
}
