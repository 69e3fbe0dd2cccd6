import { meanPowerW } from '../units.ts'
import type { DayColumns, DayState } from './dayState.ts'
import type { DeviationOptions } from './options.ts'

/**
 * Recomputes a meter's day from a slot on, up to its last slot with a reading (METHODS §3).
 *
 * With p the mean power of slot j and b its baseline power, both W, over the slots i < j that have
 * both, and h slots a half-life:
 *
 *     r_j = clip(Σ 2^(-(j-i)/h) p_i / Σ 2^(-(j-i)/h) b_i, ratioMin, ratioMax), 1 before the first
 *     deviation_j = p_j - r_j b_j
 *     z_j = (deviation_j - mean) / √variance, both from before slot j; then
 *     surprise = deviation_j - mean, mean += α surprise,
 *     variance = (1 - α)(variance + α surprise²)                                   (West, 1979)
 *     rolling_j = Σ deviation · hours over the slots of the hour that ends with slot j, Wh
 *
 * The mean starts at 0 and the variance at the baseline's standard deviation squared. A slot is not
 * part of its own ratio, which would hide part of its deviation. A slot without a reading, or with
 * one of another length, only decays the weights. Every number depends only on the slots up to its
 * own and is rounded to f32 where it is stored, so that restarting in the middle gives the same
 * bytes.
 */
export function computeDeviation(
  day: DayState,
  options: DeviationOptions,
  at: { readonly meter: number; readonly fromSlot: number },
): void {
  const { capacity, columns } = day
  const last = day.lastSlot[at.meter]!
  const decay = 0.5 ** (day.stepS / options.ratioHalfLifeS)
  for (let slot = at.fromSlot; slot <= last; slot++) {
    const cell = slot * capacity + at.meter
    carryOver(columns, { cell, before: slot === 0 ? -1 : cell - capacity, decay })
    const energyMwh = columns.energyMwh[cell]!
    if (Number.isNaN(energyMwh)) continue
    const baselineMwh = comparableBaselineMwh(day, cell)
    if (Number.isNaN(baselineMwh)) continue
    const powerW = meanPowerW(energyMwh, day.stepS)
    const baselineW = meanPowerW(baselineMwh, day.stepS)
    advanceCell(columns, options, { cell, powerW, baselineW })
    columns.rollingWh[cell] = sumLastHour(day, slot, at.meter)
  }
}

/** The baseline of a cell; NaN where there is none or the reading is of another length. */
export function comparableBaselineMwh(
  { columns, stepS }: Pick<DayState, 'columns' | 'stepS'>,
  cell: number,
): number {
  return columns.durationS[cell] === stepS ? columns.baselineMwh[cell]! : Number.NaN
}

/** Copies the state of the previous slot, or a new day's, and clears the published values. */
function carryOver(
  columns: DayColumns,
  { cell, before, decay }: { cell: number; before: number; decay: number },
): void {
  const isFirst = before < 0
  columns.loadW[cell] = isFirst ? 0 : columns.loadW[before]! * decay
  columns.baseW[cell] = isFirst ? 0 : columns.baseW[before]! * decay
  columns.meanW[cell] = isFirst ? 0 : columns.meanW[before]!
  columns.varianceW2[cell] = isFirst ? Number.NaN : columns.varianceW2[before]!
  columns.ratio[cell] = Number.NaN
  columns.deviationW[cell] = Number.NaN
  columns.z[cell] = Number.NaN
  columns.rollingWh[cell] = Number.NaN
}

function advanceCell(
  columns: DayColumns,
  options: DeviationOptions,
  { cell, powerW, baselineW }: { cell: number; powerW: number; baselineW: number },
): void {
  const { alpha, ratioMin, ratioMax } = options
  const baseW = columns.baseW[cell]!
  const share = baseW > 0 ? columns.loadW[cell]! / baseW : 1
  columns.ratio[cell] = Math.min(Math.max(share, ratioMin), ratioMax)
  columns.deviationW[cell] = powerW - columns.ratio[cell]! * baselineW

  const isFirst = Number.isNaN(columns.varianceW2[cell]!)
  if (isFirst) columns.varianceW2[cell] = columns.sigmaW[cell]! ** 2
  const surprise = columns.deviationW[cell]! - columns.meanW[cell]!
  const variance = columns.varianceW2[cell]!
  // z is undefined while the variance is zero.
  columns.z[cell] = variance > 0 ? surprise / Math.sqrt(variance) : Number.NaN
  columns.meanW[cell] = columns.meanW[cell]! + alpha * surprise
  columns.varianceW2[cell] = (1 - alpha) * (variance + alpha * surprise * surprise)

  columns.loadW[cell] = columns.loadW[cell]! + powerW
  columns.baseW[cell] = baseW + baselineW
}

/** Slots up to one that its rolling sum depends on. */
export function slotsOfHour(stepS: number): number {
  return Math.max(1, Math.floor(3_600 / stepS))
}

/** The share of an interval that is within one hour; below 1 for longer intervals. */
function sumLastHour(day: DayState, slot: number, meter: number): number {
  const slots = slotsOfHour(day.stepS)
  const hours = Math.min(day.stepS, 3_600) / 3_600
  let sumWh = 0
  for (let each = Math.max(0, slot - slots + 1); each <= slot; each++) {
    const deviationW = day.columns.deviationW[each * day.capacity + meter]!
    if (!Number.isNaN(deviationW)) sumWh += deviationW * hours
  }
  return sumWh
}
