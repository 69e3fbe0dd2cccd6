import {
  energy,
  instantMs,
  meter,
  nullable,
  quality,
  single,
  standing,
  text,
  uint32,
  whole,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

/** Cumulative registers, and what rests on several ingests. */
export const registerQueries = {
  registers: defineQuery({
    parameters: {
      ...{ meters: 'Array(String)', source: 'String', from_ms: 'Int64', to_ms: 'Int64' },
      ...{ withdrawn: 'Array(String)', before: 'UInt64', last: 'UInt16', limit: 'UInt32' },
    },
    columns: {
      ...{ meter, at_ms: instantMs, value_mwh: energy, ingest: text, quality, standing },
      ...{ revision: uint32, said_at_ms: nullable(instantMs) },
      ...{ power_w: nullable(single), reactive_var: nullable(single) },
      ...{ step_s: uint32, rule: text, version: whole },
    },
  }),

  register_counts: defineQuery({
    parameters: {
      ...{ meters: 'Array(String)', source: 'String', from_ms: 'Int64', to_ms: 'Int64' },
    },
    columns: { meter, records: whole },
  }),

  registers_of_ingest: defineQuery({
    parameters: { ingest: 'String' },
    columns: { meter, source: text, first_ms: instantMs, last_ms: instantMs },
  }),

  registers_to_withdraw: defineQuery({ parameters: {}, columns: { ingest: text } }),

  ingests_together: defineQuery({
    parameters: { ingest: 'String' },
    columns: { together: text },
  }),
}
