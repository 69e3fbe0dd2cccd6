import type { EpochMs } from './time.ts'

/**
 * The result of a batch run, published atomically: a manifest that names, for each local day, the
 * run whose rows count. Readers use the newest row, so inserting one switches from the previous
 * generation to this one, never to a mix.
 */
export type Generation = {
  /** Rises by one. */
  readonly generation: number
  /** The run that wrote the manifest, the published baselines and the forecasts; 64 bits. */
  readonly run: bigint
  /** Start of a local day: batch rows cover the time before it, speed rows from it on. */
  readonly highWaterMs: EpochMs
  /** Baselines and forecasts are published up to here. */
  readonly horizonMs: EpochMs
  readonly modelId: string | null
  readonly createdMs: EpochMs
  /**
   * Since when an operator, who has taken a high-water mark back, keeps the daily schedule from
   * publishing a later one; null while the schedule is free.
   */
  readonly heldSinceMs: EpochMs | null
}

/** Used before the first generation. */
export const noGeneration: Generation = {
  generation: 0,
  run: 0n,
  highWaterMs: Number.NEGATIVE_INFINITY,
  horizonMs: Number.NEGATIVE_INFINITY,
  modelId: null,
  createdMs: Number.NEGATIVE_INFINITY,
  heldSinceMs: null,
}
