import type { Deviation, GroupDeviation } from '../deviation/deviationRow.ts'

/**
 * The columns that both layers write of a deviation. Written once, so that a row of the batch
 * layer has every column of the speed row it replaces.
 */
export function deviationColumns(deviation: Deviation) {
  return {
    meter: deviation.meter,
    start: deviation.startMs,
    group_id: deviation.groups,
    duration_s: deviation.durationS,
    energy_mwh: deviation.energyMwh,
    baseline_mwh: deviation.baselineMwh,
    ratio: deviation.ratio,
    deviation_w: deviation.deviationW,
    z: deviation.z,
    rolling_wh: deviation.rollingWh,
    is_exception: deviation.isException,
  }
}

/** The columns that both layers write of a group's sum. */
export function groupColumns(sum: GroupDeviation) {
  return {
    group_id: sum.group,
    start: sum.startMs,
    duration_s: sum.durationS,
    members: sum.members,
    load_w: sum.loadW,
    baseline_w: sum.baselineW,
    deviation_w: sum.deviationW,
  }
}
