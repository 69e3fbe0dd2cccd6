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
 * A ratio of a load that crosses zero means nothing. A point that can be negative has a shift
 * instead, and no ratio, with κ = ratioMax - 1:
 *
 *     s_j = clip(Σ 2^(-(j-i)/h) (p_i - b_i), ±κ Σ 2^(-(j-i)/h) |b_i|) / Σ 2^(-(j-i)/h), 0 at first
 *     deviation_j = p_j - (b_j + s_j)
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
  at: DeviationPlace,
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
    const advance = at.mayBeNegative ? advanceShift : advanceRatio
    const adjustedW = advance(columns, options, { cell, powerW, baselineW })
    columns.deviationW[cell] = powerW - adjustedW
    advanceMoments(columns, options.alpha, cell)
    columns.rollingWh[cell] = sumLastHour(day, slot, at.meter)
  }
}

export type DeviationPlace = {
  readonly meter: number
  readonly fromSlot: number
  /** Of the meter's kind: a shift instead of a ratio adjusts the baseline. */
  readonly mayBeNegative: boolean
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
  columns.weight[cell] = isFirst ? 0 : columns.weight[before]! * decay
  columns.meanW[cell] = isFirst ? 0 : columns.meanW[before]!
  columns.varianceW2[cell] = isFirst ? Number.NaN : columns.varianceW2[before]!
  columns.ratio[cell] = Number.NaN
  columns.deviationW[cell] = Number.NaN
  columns.z[cell] = Number.NaN
  columns.rollingWh[cell] = Number.NaN
}

type Advance = { readonly cell: number; readonly powerW: number; readonly baselineW: number }

/** The baseline times the day's ratio so far, W; then adds the slot to the ratio's sums. */
function advanceRatio(
  columns: DayColumns,
  { ratioMin, ratioMax }: DeviationOptions,
  { cell, powerW, baselineW }: Advance,
): number {
  const baseW = columns.baseW[cell]!
  const share = baseW > 0 ? columns.loadW[cell]! / baseW : 1
  columns.ratio[cell] = Math.min(Math.max(share, ratioMin), ratioMax)
  columns.loadW[cell] = columns.loadW[cell]! + powerW
  columns.baseW[cell] = baseW + baselineW
  return columns.ratio[cell]! * baselineW
}

/** The baseline plus the day's shift so far, W; then adds the slot to the shift's sums. */
function advanceShift(
  columns: DayColumns,
  { ratioMax }: DeviationOptions,
  { cell, powerW, baselineW }: Advance,
): number {
  const weight = columns.weight[cell]!
  const [sumW, boundW] = [columns.loadW[cell]!, (ratioMax - 1) * columns.baseW[cell]!]
  const shiftW = weight > 0 ? Math.min(Math.max(sumW, -boundW), boundW) / weight : 0
  columns.loadW[cell] = sumW + (powerW - baselineW)
  columns.baseW[cell] = columns.baseW[cell]! + Math.abs(baselineW)
  columns.weight[cell] = weight + 1
  return baselineW + shiftW
}

function advanceMoments(columns: DayColumns, alpha: number, cell: number): void {
  const isFirst = Number.isNaN(columns.varianceW2[cell]!)
  if (isFirst) columns.varianceW2[cell] = columns.sigmaW[cell]! ** 2
  const surprise = columns.deviationW[cell]! - columns.meanW[cell]!
  const variance = columns.varianceW2[cell]!
  // z is undefined while the variance is zero.
  columns.z[cell] = variance > 0 ? surprise / Math.sqrt(variance) : Number.NaN
  columns.meanW[cell] = columns.meanW[cell]! + alpha * surprise
  columns.varianceW2[cell] = (1 - alpha) * (variance + alpha * surprise * surprise)
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
