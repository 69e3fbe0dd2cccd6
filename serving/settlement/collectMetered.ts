import type { MeterId } from '../../schemas/ids.ts'
import { energiesOfStep } from '../../schemas/meter/energiesOfStep.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { Metered } from './eventBaselines.ts'

export type MeteredRow = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly durationS: number
  readonly energyMwh: number
}

export type CollectMeteredParameters = {
  readonly meters: readonly MeterId[]
  readonly intervalS: number
  /** The version that counts of each interval; rows of other meters are skipped. */
  readonly rows: Iterable<MeteredRow>
}

/**
 * The readings that are measured against an event's baselines, live and in the settlement.
 *
 * The event's intervals are multiples of its meters' steps: shorter readings that fill one are
 * added up. A longer reading has no baseline: it is as if it were missing.
 */
export function collectMetered({ meters, intervalS, rows }: CollectMeteredParameters): Metered {
  const byMeter = new Map<MeterId, MeteredRow[]>(meters.map((meter) => [meter, []]))
  for (const row of rows) byMeter.get(row.meter)?.push(row)
  return new Map([...byMeter].map(([meter, own]) => [meter, energiesOfStep(own, intervalS)]))
}
