import type { Deviation, GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import {
  addMeans,
  emptyGroupSum,
  finishGroup,
  type GroupSum,
  groupStartMs,
  memberMeans,
} from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { groupColumns } from '../../schemas/sql/deviationColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** A meter's means over the intervals of its group, as arrays, to be sent between processes. */
export type MeterMeans = {
  readonly group: string
  readonly startMs: Float64Array
  readonly loadW: Float64Array
  /** NaN where it has none. */
  readonly deviationW: Float64Array
}

export type GroupSums = {
  /** Adds a meter's means. Meters are added once each, in the order of their ids. */
  add(means: MeterMeans): void
  /** The sums of intervals that ended by an instant. */
  finish(endMs: EpochMs): GroupDeviation[]
}

export type MeansOfMeterParameters = {
  readonly meter: Pick<Meter, 'group' | 'intervalS'>
  /** All rows of the meter in every wanted interval. */
  readonly rows: readonly Deviation[]
  /** The interval of the meter's group, s. */
  readonly stepS: number
  readonly isWanted: (startMs: EpochMs) => boolean
}

/** A meter's means over the wanted intervals of its group of which it has all rows. */
export function meansOfMeter(parameters: MeansOfMeterParameters): MeterMeans {
  const { rows, stepS, isWanted } = parameters
  const { group, intervalS } = parameters.meter
  const byStart = new Map(rows.map((row) => [row.startMs, row]))
  const rowAt = (ms: EpochMs) => byStart.get(ms)
  const found: { startMs: EpochMs; loadW: number; deviationW: number }[] = []
  for (const startMs of new Set(rows.map((row) => groupStartMs(row.startMs, stepS)))) {
    const means = isWanted(startMs) ? memberMeans({ startMs, stepS, intervalS, rowAt }) : null
    if (means) found.push({ startMs, ...means })
  }
  return {
    group,
    startMs: Float64Array.from(found, (each) => each.startMs),
    loadW: Float64Array.from(found, (each) => each.loadW),
    deviationW: Float64Array.from(found, (each) => each.deviationW),
  }
}

/**
 * Sums of groups over intervals.
 *
 * @param steps each group's interval, s.
 */
export function createGroupSums(steps: ReadonlyMap<string, number>): GroupSums {
  const sums = new Map<string, Map<EpochMs, GroupSum>>()
  return {
    add({ group, startMs, loadW, deviationW }) {
      const ofGroup = sums.get(group) ?? new Map<EpochMs, GroupSum>()
      sums.set(group, ofGroup)
      for (const [index, start] of startMs.entries()) {
        const sum = ofGroup.get(start) ?? emptyGroupSum()
        ofGroup.set(start, sum)
        addMeans(sum, { loadW: loadW[index]!, deviationW: deviationW[index]! })
      }
    },
    finish: (endMs) =>
      [...sums].flatMap(([group, ofGroup]) => {
        const durationS = steps.get(group)!
        const latestMs = endMs - durationS * 1000
        return [...ofGroup].flatMap(([startMs, sum]) => {
          if (startMs > latestMs) return []
          return finishGroup({ group, startMs, durationS }, sum) ?? []
        })
      }),
  }
}

/** A row of `batch_group`. */
export function groupRow(
  { run, day }: { readonly run: bigint; readonly day: string },
  sum: GroupDeviation,
): InsertRow<'batch_group'> {
  return {
    day,
    run,
    ...groupColumns(sum),
  }
}
