import {
  energy,
  instantMs,
  meter,
  nullable,
  quality,
  single,
  text,
  uint16,
  uint32,
  whole,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const range = { from_ms: 'Int64', to_ms: 'Int64' } as const

const places = {
  log_partition: 'UInt16',
  log_offset: 'UInt64',
  end_offset: 'UInt64',
  to_ms: 'Int64',
} as const

const quarter = { zone: text, quarter_ms: instantMs }

/** Queries of the master data set. */
export const readingQueries = {
  counting_readings: defineQuery({
    parameters: { ...range, meters: 'Array(String)' },
    columns: { meter, start_ms: instantMs, energy_mwh: energy, duration_s: uint32, quality },
  }),

  versions_between: defineQuery({
    parameters: { ...range, meters: 'Array(String)' },
    columns: {
      meter,
      start_ms: instantMs,
      quality,
      revision: uint32,
      energy_mwh: energy,
      power_w: nullable(single),
      reactive_var: nullable(single),
      duration_s: uint32,
      log_partition: uint16,
      log_offset: whole,
      log_index: uint32,
    },
  }),

  stored_by_day: defineQuery({
    parameters: { ...range, meters: 'Array(String)' },
    columns: { day_ms: instantMs, versions: whole },
  }),

  stored_by_meter: defineQuery({
    parameters: { older_ms: 'Int64', ...range },
    columns: { meter, versions: whole, older: whole },
  }),

  changed_quarters: defineQuery({ parameters: places, columns: quarter }),

  changed_meters: defineQuery({ parameters: places, columns: { meter } }),

  stored_quarters: defineQuery({
    parameters: { ...range, meters: 'Array(String)' },
    columns: quarter,
  }),

  replay_offsets: defineQuery({
    parameters: { from_ms: 'Int64' },
    columns: { log_partition: uint16, log_offset: whole },
  }),

  archive_watermark: defineQuery({
    parameters: { log_partition: 'UInt16', log_offset: 'UInt64' },
    columns: { max_end_ms: instantMs },
  }),
}
