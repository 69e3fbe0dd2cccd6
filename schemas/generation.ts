import type { EpochMs } from './time.ts'

/**
 * A batch run's result, published whole: a manifest that names, for each local day, the run whose
 * rows count. Readers take the newest row: adding it is the move of the pointer, so they see the
 * one before or this one and never a mix.
 */
export type Generation = {
  /** Rises by one. */
  readonly generation: number
  /** The run that wrote the manifest, the baselines ahead and the forecasts; of 64 bits. */
  readonly run: bigint
  /** Start of a local day: batch rows stand before it, speed rows from it on. */
  readonly highWaterMs: EpochMs
  /** Baselines and forecasts are published up to here. */
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly createdMs: EpochMs
}

/** Stands before the first generation. */
export const noGeneration: Generation = {
  generation: 0,
  run: 0n,
  highWaterMs: Number.NEGATIVE_INFINITY,
  horizonMs: Number.NEGATIVE_INFINITY,
  modelId: null,
  createdMs: Number.NEGATIVE_INFINITY,
}
