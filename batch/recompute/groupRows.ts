import type { Deviation, GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import {
  addMember,
  emptyGroupSum,
  finishGroup,
  type GroupSum,
  groupStartMs,
} from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter.ts'
import { groupColumns } from '../../schemas/sql/deviationColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'

export type GroupSums = {
  /**
   * Adds a meter's rows: all rows of every requested group interval. Meters are added once each, in
   * the order of their ids.
   */
  add(meter: Meter, rows: readonly Deviation[]): void
  /** The sums of intervals that ended by an instant. */
  finish(endMs: EpochMs): GroupDeviation[]
}

/**
 * Sums of groups over the requested intervals.
 *
 * @param steps each group's interval, s.
 */
export function createGroupSums(
  steps: ReadonlyMap<string, number>,
  isWanted: (startMs: EpochMs) => boolean,
): GroupSums {
  const sums = new Map<string, Map<EpochMs, GroupSum>>()
  return {
    add({ group, intervalS }, rows) {
      const stepS = steps.get(group) ?? intervalS
      const byStart = new Map(rows.map((row) => [row.startMs, row]))
      const ofGroup = sums.get(group) ?? new Map<EpochMs, GroupSum>()
      sums.set(group, ofGroup)
      for (const startMs of new Set(rows.map((row) => groupStartMs(row.startMs, stepS)))) {
        if (!isWanted(startMs)) continue
        const sum = ofGroup.get(startMs) ?? emptyGroupSum()
        ofGroup.set(startMs, sum)
        addMember(sum, { startMs, stepS, intervalS, rowAt: (ms) => byStart.get(ms) })
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
