import {
  energy,
  flag,
  instantMs,
  meter,
  nullable,
  oneOf,
  quality,
  single,
  standing,
  text,
  uint8,
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

const words = {
  ...range,
  meters: 'Array(String)',
  log_partition: 'UInt16',
  log_offset: 'UInt64',
} as const

const word = {
  meter,
  start_ms: instantMs,
  quality,
  standing,
  revision: uint32,
  said_at_ms: nullable(instantMs),
  is_void: flag,
  source: text,
  ingest: text,
  logged_ms: instantMs,
  energy_mwh: energy,
  power_w: nullable(single),
  reactive_var: nullable(single),
  duration_s: uint32,
  log_partition: uint16,
  log_offset: whole,
  log_index: uint32,
}

/** Queries of the master data set. */
export const readingQueries = {
  counting_readings: defineQuery({
    parameters: { ...range, meters: 'Array(String)', as_of: 'Array(UInt64)' },
    columns: { meter, start_ms: instantMs, energy_mwh: energy, duration_s: uint32, quality },
  }),

  words_between: defineQuery({ parameters: words, columns: word }),

  largest_words: defineQuery({ parameters: words, columns: word }),

  last_starts: defineQuery({
    parameters: { from_ms: 'Int64', meters: 'Array(String)' },
    columns: { meter, start_ms: instantMs },
  }),

  stored_by_day: defineQuery({
    parameters: { ...range, meters: 'Array(String)' },
    columns: { day_ms: instantMs, versions: whole },
  }),

  stored_by_meter: defineQuery({
    parameters: { older_ms: 'Int64', ...range },
    columns: { meter, versions: whole, older: whole },
  }),

  acts: defineQuery({
    parameters: {},
    columns: {
      log_partition: uint16,
      log_offset: whole,
      kind: oneOf(['withdrawal', 'rank']),
      ingest: text,
      source: text,
      from_ms: instantMs,
      rank: whole,
    },
  }),

  ingests: defineQuery({
    parameters: { ingest: 'String', limit: 'UInt32' },
    columns: {
      ingest: text,
      source: text,
      words: whole,
      meters: whole,
      first_ms: instantMs,
      last_ms: instantMs,
      logged_ms: instantMs,
      energy_mwh: energy,
      is_withdrawn: uint8,
      left_words: whole,
    },
  }),

  sources: defineQuery({
    parameters: { limit: 'UInt32' },
    columns: { source: text, words: whole, meters: whole, logged_ms: instantMs },
  }),

  source_forms: defineQuery({
    parameters: { sources: 'Array(String)' },
    columns: { source: text, says_when: flag },
  }),

  decided_quarters: defineQuery({ parameters: places, columns: quarter }),

  decided_meters: defineQuery({ parameters: places, columns: { meter } }),

  /** By partition, the offset of the first record that was logged after an instant, if one was. */
  places_at: defineQuery({
    parameters: { logged_ms: 'Int64' },
    columns: { log_partition: uint16, next_offset: whole },
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
    parameters: { log_partition: 'UInt16', log_offset: 'UInt64', from_ms: 'Int64' },
    columns: { max_end_ms: instantMs },
  }),
}
