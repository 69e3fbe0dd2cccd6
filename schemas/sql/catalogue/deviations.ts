import {
  energy,
  flag,
  float32,
  float64,
  instantMs,
  meter,
  nullable,
  origin,
  text,
  uint32,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

/** The generation to read; the engine fills in the newest. */
const pin = { run: 'UInt64', high_water_ms: 'Int64' } as const
const range = {
  from_ms: 'Int64',
  to_ms: 'Int64',
  group: 'String',
  limit: 'UInt32',
  /** Key of the last row of the page before: see `paging.ts`. */
  after: 'String',
  ...pin,
} as const

const deviation = {
  meter,
  group_id: text,
  start_ms: instantMs,
  duration_s: uint32,
  energy_mwh: energy,
  baseline_mwh: nullable(energy),
  ratio: nullable(float32),
  deviation_w: nullable(float32),
  z: nullable(float32),
  rolling_wh: nullable(float32),
  is_exception: flag,
  origin,
}

/** The merged view: batch rows before the high-water mark, speed rows from it on. */
export const deviationQueries = {
  merged_deviation: defineQuery({
    parameters: { ...range, meter: 'String' },
    columns: deviation,
  }),

  merged_of_meters: defineQuery({
    parameters: { from_ms: 'Int64', to_ms: 'Int64', meters: 'Array(String)', ...pin },
    columns: {
      meter,
      start_ms: instantMs,
      duration_s: uint32,
      energy_mwh: energy,
      deviation_w: nullable(float32),
      origin,
    },
  }),

  exceptions: defineQuery({
    parameters: { ...range, meter: 'String' },
    columns: deviation,
  }),

  merged_group: defineQuery({
    parameters: range,
    columns: {
      group_id: text,
      start_ms: instantMs,
      duration_s: uint32,
      members: uint32,
      load_w: float64,
      baseline_w: nullable(float64),
      deviation_w: nullable(float64),
      origin,
    },
  }),

  void_group_sums: defineQuery({
    parameters: { from_ms: 'Int64', generation: 'UInt64', revision: 'UInt64', limit: 'UInt32' },
    columns: { group_id: text, start_ms: instantMs, duration_s: uint32 },
  }),
}
