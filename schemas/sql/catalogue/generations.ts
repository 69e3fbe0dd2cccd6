import { energy, float32, instantMs, meter, text, uint32, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const range = { from_ms: 'Int64', to_ms: 'Int64' } as const
const asked = { ...range, group: 'String', limit: 'UInt32' } as const

/** What the batch layer published ahead. */
export const generationQueries = {
  published_generation: defineQuery({
    parameters: {},
    columns: {
      generation: whole,
      high_water_ms: instantMs,
      horizon_ms: instantMs,
      model_id: text,
      created_ms: instantMs,
    },
  }),

  day_baseline: defineQuery({
    parameters: range,
    columns: {
      generation: whole,
      meter,
      start_ms: instantMs,
      duration_s: uint32,
      baseline_mwh: energy,
      sigma_w: float32,
    },
  }),

  view_baseline: defineQuery({
    parameters: { ...asked, meter: 'String' },
    columns: {
      meter,
      start_ms: instantMs,
      duration_s: uint32,
      baseline_mwh: energy,
      sigma_w: float32,
    },
  }),

  forecast: defineQuery({
    parameters: { ...asked, meter: 'String' },
    columns: {
      meter,
      start_ms: instantMs,
      duration_s: uint32,
      forecast_mwh: energy,
      model: text,
      flag: text,
    },
  }),

  view_group_forecast: defineQuery({
    parameters: asked,
    columns: {
      group_id: text,
      start_ms: instantMs,
      duration_s: uint32,
      members: uint32,
      forecast_mwh: energy,
      model: text,
      flag: text,
    },
  }),
}
