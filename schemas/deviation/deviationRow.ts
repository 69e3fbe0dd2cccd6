import type { MeterId } from '../ids.ts'
import type { EpochMs } from '../time.ts'

/**
 * One meter, one interval: its load against its baseline.
 *
 * Batch rows and speed rows both have these fields. Energies are whole mWh; the rest are
 * estimates. Null where there is no baseline for the interval yet.
 */
export type Deviation = {
  readonly meter: MeterId
  /** Ids of the groups it is in during the interval, with spaces between: see `groupSpans`. */
  readonly groups: string
  readonly startMs: EpochMs
  readonly durationS: number
  readonly energyMwh: number
  /** The day's baseline, before the same-day adjustment. */
  readonly baselineMwh: number | null
  /** Same-day ratio of load to baseline, decayed, within 0.8 … 1.2; null of a shifted one. */
  readonly ratio: number | null
  /** Mean power minus adjusted baseline power, W. */
  readonly deviationW: number | null
  /** Deviation in standard deviations of the day so far. */
  readonly z: number | null
  /** Sum of deviations over the last hour, Wh. */
  readonly rollingWh: number | null
  /** True when the last hour left the contracted band. */
  readonly isException: boolean
}

/**
 * Sums over the members of a group, each the meters of one site, that have both a reading and a
 * baseline; if none has both, over those with a reading.
 */
export type GroupDeviation = {
  readonly group: string
  readonly startMs: EpochMs
  readonly durationS: number
  readonly members: number
  readonly loadW: number
  /** The adjusted baseline: load minus deviation. */
  readonly baselineW: number | null
  readonly deviationW: number | null
}
