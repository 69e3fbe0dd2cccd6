import type { Generation } from '../../generation.ts'
import {
  emptyAsNull,
  energy,
  float32,
  instantMs,
  list,
  meter,
  nullable,
  oneOf,
  run,
  text,
  uint32,
  whole,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'
import { liveRowSets, runRowSets } from '../partitions.ts'

const range = { from_ms: 'Int64', to_ms: 'Int64' } as const
const pin = { run: 'UInt64' } as const
const asked = { ...range, ...pin, group: 'String', limit: 'UInt32' } as const

const baselineColumns = {
  meter,
  start_ms: instantMs,
  duration_s: uint32,
  baseline_mwh: energy,
  sigma_w: float32,
}

/** Baselines and forecasts that the batch layer published for the days ahead. */
export const generationQueries = {
  published_generation: defineQuery({
    parameters: {},
    columns: {
      generation: whole,
      run,
      high_water_ms: instantMs,
      horizon_ms: instantMs,
      model_id: emptyAsNull(text),
      created_ms: instantMs,
      held_since_ms: nullable(instantMs),
    },
    record: (row): Generation => ({
      generation: row.generation,
      run: row.run,
      highWaterMs: row.high_water_ms,
      horizonMs: row.horizon_ms,
      modelId: row.model_id,
      createdMs: row.created_ms,
      heldSinceMs: row.held_since_ms,
    }),
  }),

  generation_inputs: defineQuery({
    parameters: { generation: 'UInt64' },
    columns: { inputs: text },
  }),

  dirty_days: defineQuery({
    parameters: { generation: 'UInt64' },
    columns: { days: uint32, meters: uint32, since_ms: instantMs },
  }),

  manifest_of: defineQuery({
    parameters: pin,
    columns: { day: text, rows_run: run, sums_run: run, since: text },
  }),

  new_run: defineQuery({ parameters: {}, columns: { run } }),

  stored_partitions: defineQuery({
    parameters: {},
    columns: { row_set: oneOf(runRowSets), partition: text },
  }),

  kept_runs: defineQuery({
    parameters: { grace_s: 'UInt32' },
    columns: { day: text, run },
  }),

  kept_high_water: defineQuery({
    parameters: { grace_s: 'UInt32' },
    columns: { high_water_ms: instantMs },
  }),

  live_months: defineQuery({
    parameters: {},
    columns: { row_set: oneOf(liveRowSets), month: text },
  }),

  baselines_ahead: defineQuery({
    parameters: { ...range, ...pin, after: 'String', after_ms: 'Int64', limit: 'UInt32' },
    columns: {
      meter,
      duration_s: uint32,
      start_ms: list(instantMs),
      baseline_mwh: list(energy),
      sigma_w: list(float32),
    },
  }),

  view_baseline: defineQuery({
    parameters: { ...asked, meter: 'String', after: 'String' },
    columns: baselineColumns,
  }),

  forecast: defineQuery({
    parameters: { ...asked, meter: 'String', after: 'String' },
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
