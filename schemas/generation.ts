import type { EpochMs } from './time.ts'

/**
 * One run of the batch layer, published whole. Readers take the newest row: adding it is the move
 * of the pointer, so they see the one before or this one and never a mix.
 */
export type Generation = {
  /** Rises by one. */
  readonly generation: number
  /** Start of a local day: batch rows stand before it, speed rows from it on. */
  readonly highWaterMs: EpochMs
  /** Baselines and forecasts are published up to here. */
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly createdMs: EpochMs
}
