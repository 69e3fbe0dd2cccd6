import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type EnergyMwh, energyMwh } from '../../schemas/units.ts'
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
 * A reading of another length than the event's intervals has no baseline: it is as if it were
 * missing.
 */
export function collectMetered({ meters, intervalS, rows }: CollectMeteredParameters): Metered {
  const metered = new Map<MeterId, Map<EpochMs, EnergyMwh>>(
    meters.map((meter) => [meter, new Map()]),
  )
  for (const row of rows) {
    if (row.durationS !== intervalS) continue
    metered.get(row.meter)?.set(row.startMs, energyMwh(row.energyMwh))
  }
  return metered
}
