import { meanPowerW, wholeMilliwatts } from '../units.ts'
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
 * one of another length, only decays the weights.
 *
 * Every operation is rounded to f32 and every sum has one order, so that a kernel on vectors gives
 * the same bits (`speed/kernel`). The rolling sum is of whole milliwatts, and exact. Every number
 * depends only on the slots up to its own, so restarting in the middle gives the same bits too.
 */
export function computeDeviation(
  day: DayState,
  options: DeviationOptions,
  at: DeviationPlace,
): void {
  const factors = factorsOf(options, day.stepS)
  computeSlots(day, factors, { ...at, lastSlot: day.lastSlot[at.meter]! })
}

/** The same of columns that do not know their last slot with a reading. */
export function computeSlots(
  day: Pick<DayState, 'capacity' | 'columns' | 'stepS'>,
  factors: DeviationFactors,
  at: DeviationPlace & { readonly lastSlot: number },
): void {
  const { capacity, columns } = day
  const last = at.lastSlot
  for (let slot = at.fromSlot; slot <= last; slot++) {
    const cell = slot * capacity + at.meter
    carryOver(columns, { cell, before: slot === 0 ? -1 : cell - capacity, factors })
    const energyMwh = columns.energyMwh[cell]!
    if (Number.isNaN(energyMwh)) continue
    const baselineMwh = comparableBaselineMwh(day, cell)
    if (Number.isNaN(baselineMwh)) continue
    const powerW = f32(energyMwh * factors.wattsPerMwh)
    const baselineW = f32(baselineMwh * factors.wattsPerMwh)
    const advance = at.mayBeNegative ? advanceShift : advanceRatio
    const adjustedW = advance(columns, factors, { cell, powerW, baselineW })
    columns.deviationW[cell] = f32(powerW - adjustedW)
    advanceMoments(columns, factors, cell)
    columns.rollingWh[cell] = sumLastHourMw(day, slot, at.meter) * factors.whPerMw
  }
}

const f32 = Math.fround

/** The options as the formula takes them: f32, of one interval length. */
export type DeviationFactors = {
  /** Decay of the weights, from one slot to the next. */
  readonly decay: number
  readonly ratioMin: number
  readonly ratioMax: number
  /** Cap of a shift, as a share of the baseline's mean magnitude. */
  readonly shiftMax: number
  readonly alpha: number
  readonly remaining: number
  /** Doubles: mean power of an energy, and energy within an hour of a mean power. */
  readonly wattsPerMwh: number
  readonly whPerMw: number
}

export function factorsOf(options: DeviationOptions, stepS: number): DeviationFactors {
  return {
    decay: f32(0.5 ** (stepS / options.ratioHalfLifeS)),
    ratioMin: f32(options.ratioMin),
    ratioMax: f32(options.ratioMax),
    shiftMax: f32(options.ratioMax - 1),
    alpha: f32(options.alpha),
    remaining: f32(1 - options.alpha),
    wattsPerMwh: meanPowerW(1, stepS),
    whPerMw: Math.min(stepS, 3_600) / 3_600 / 1000,
  }
}

export type DeviationPlace = {
  readonly meter: number
  readonly fromSlot: number
  /** The meter's kind allows it: the baseline is adjusted by a shift instead of a ratio. */
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
  at: { readonly cell: number; readonly before: number; readonly factors: DeviationFactors },
): void {
  const { cell, before } = at
  const { decay } = at.factors
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
  { ratioMin, ratioMax }: DeviationFactors,
  { cell, powerW, baselineW }: Advance,
): number {
  const baseW = columns.baseW[cell]!
  const share = baseW > 0 ? f32(columns.loadW[cell]! / baseW) : 1
  const ratio = clip(share, ratioMin, ratioMax)
  columns.ratio[cell] = ratio
  columns.loadW[cell] = columns.loadW[cell]! + powerW
  columns.baseW[cell] = baseW + baselineW
  return f32(ratio * baselineW)
}

/** The baseline plus the day's shift so far, W; then adds the slot to the shift's sums. */
function advanceShift(
  columns: DayColumns,
  { shiftMax }: DeviationFactors,
  { cell, powerW, baselineW }: Advance,
): number {
  const weight = columns.weight[cell]!
  const sumW = columns.loadW[cell]!
  const boundW = f32(shiftMax * columns.baseW[cell]!)
  const shiftW = weight > 0 ? f32(clip(sumW, -boundW, boundW) / weight) : 0
  columns.loadW[cell] = sumW + f32(powerW - baselineW)
  columns.baseW[cell] = columns.baseW[cell]! + Math.abs(baselineW)
  columns.weight[cell] = weight + 1
  return f32(baselineW + shiftW)
}

function clip(value: number, low: number, high: number): number {
  if (value < low) return low
  if (high < value) return high
  return value
}

function advanceMoments(
  columns: DayColumns,
  { alpha, remaining }: DeviationFactors,
  cell: number,
): void {
  const sigmaW = columns.sigmaW[cell]!
  const isFirst = Number.isNaN(columns.varianceW2[cell]!)
  const variance = isFirst ? f32(sigmaW * sigmaW) : columns.varianceW2[cell]!
  const surprise = f32(columns.deviationW[cell]! - columns.meanW[cell]!)
  // z is undefined while the variance is zero.
  columns.z[cell] = variance > 0 ? surprise / f32(Math.sqrt(variance)) : Number.NaN
  const moved = f32(alpha * surprise)
  columns.meanW[cell] = columns.meanW[cell]! + moved
  columns.varianceW2[cell] = remaining * f32(variance + f32(moved * surprise))
}

/** Slots up to one that its rolling sum depends on. */
export function slotsOfHour(stepS: number): number {
  return Math.max(1, Math.floor(3_600 / stepS))
}

/** The energy of the last hour; that of the interval alone where it is longer than an hour. */
function sumLastHourMw(
  day: Pick<DayState, 'capacity' | 'columns' | 'stepS'>,
  slot: number,
  meter: number,
): number {
  const slots = slotsOfHour(day.stepS)
  let sumMw = 0
  for (let each = Math.max(0, slot - slots + 1); each <= slot; each++) {
    const deviationW = day.columns.deviationW[each * day.capacity + meter]!
    if (!Number.isNaN(deviationW)) sumMw += wholeMilliwatts(deviationW)
  }
  return sumMw
}
