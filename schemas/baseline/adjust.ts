import { type EnergyMwh, energyMwh, scaleHalfEven } from '../units.ts'
import type { BaselineMethod, Fraction } from './methods.ts'

export type AppliedAdjustment =
  | ({ readonly kind: 'scalar' } & Fraction)
  /** Added to the mean of each interval, mWh. */
  | ({ readonly kind: 'additive' } & Fraction)
  | { readonly kind: 'none' }

export type AdjustParameters = {
  readonly method: BaselineMethod
  readonly mayBeNegative?: boolean
  /** The day's own energies in the window; null when one is missing. */
  readonly own: readonly EnergyMwh[] | null
  /** Those of each chosen day. */
  readonly windows: readonly (readonly EnergyMwh[])[]
}

export type AdjustReturnType = {
  readonly adjustment: AppliedAdjustment
  /** `adjustment-clipped`, `no-adjustment:WHY`. */
  readonly flags: readonly string[]
}

/**
 * How the window of the day compares with that of the chosen days, clipped. A is energy, W the
 * window, d one of n days:
 *
 *     ratio = n Σ_W A / Σ_d Σ_W A, within low … high
 *     shift = D / (n |W|), D = n Σ_W A - Σ_d Σ_W A, within ±κ Σ_d Σ_W |A|, κ = high - 1
 *
 * A ratio of sums that cross zero can be anything: a point that can be negative is shifted
 * (METHODS §1, points that can be negative).
 */
export function adjustToDay(parameters: AdjustParameters): AdjustReturnType {
  const { method, own, windows } = parameters
  if (method.adjust.kind === 'none') return { adjustment: none, flags: [] }
  if (!own) return unadjusted('window-missing')
  const { low, high } = method.adjust.clip
  const [numerator, denominator] = [sum(own) * BigInt(windows.length), sum(windows.flat())]
  if (parameters.mayBeNegative) return shiftBy(numerator - denominator, windows, high)
  if (denominator <= 0n) return unadjusted('window-empty')
  const ratio = { numerator, denominator }
  if (isLess(ratio, low)) return clipped({ kind: 'scalar', ...low })
  if (isLess(high, ratio)) return clipped({ kind: 'scalar', ...high })
  return { adjustment: { kind: 'scalar', ...reduce(ratio) }, flags: [] }
}

function shiftBy(
  difference: bigint,
  windows: readonly (readonly EnergyMwh[])[],
  high: Fraction,
): AdjustReturnType {
  const energies = windows.flat()
  const magnitude = energies.reduce((whole, each) => whole + magnitudeOf(BigInt(each)), 0n)
  if (magnitude === 0n) return unadjusted('window-empty')
  // κ Σ|A| as a fraction: the shift is not rounded before the mean is.
  const bound = magnitude * (high.numerator - high.denominator)
  const excess = magnitudeOf(difference) * high.denominator > bound
  const sign = difference < 0n ? -1n : 1n
  const shift = {
    numerator: excess ? sign * bound : difference,
    denominator: (excess ? high.denominator : 1n) * BigInt(energies.length),
  }
  const adjustment = { kind: 'additive', ...reduce(shift) } as const
  return excess ? clipped(adjustment) : { adjustment, flags: [] }
}

/** The mean over so many days, adjusted: one fraction, rounded once, half to even. */
export function adjustedMean(
  { total, count }: { readonly total: bigint; readonly count: number },
  adjustment: AppliedAdjustment,
): EnergyMwh {
  const days = BigInt(count)
  if (adjustment.kind === 'additive') {
    const { numerator, denominator } = adjustment
    const sumOfBoth = total * denominator + numerator * days
    return energyMwh(Number(scaleHalfEven(sumOfBoth, 1n, denominator * days)))
  }
  const { numerator, denominator } = adjustment.kind === 'none' ? one : adjustment
  return energyMwh(Number(scaleHalfEven(total, numerator, denominator * days)))
}

export function sum(energies: readonly EnergyMwh[]): bigint {
  return energies.reduce((whole, each) => whole + BigInt(each), 0n)
}

const none = { kind: 'none' } as const
const one: Fraction = { numerator: 1n, denominator: 1n }

function unadjusted(why: string): AdjustReturnType {
  return { adjustment: none, flags: [`no-adjustment:${why}`] }
}

function clipped(adjustment: AppliedAdjustment): AdjustReturnType {
  return { adjustment, flags: ['adjustment-clipped'] }
}

function isLess(left: Fraction, right: Fraction): boolean {
  return left.numerator * right.denominator < right.numerator * left.denominator
}

function reduce({ numerator, denominator }: Fraction): Fraction {
  let [left, right] = [magnitudeOf(numerator), denominator]
  while (right !== 0n) [left, right] = [right, left % right]
  return { numerator: numerator / left, denominator: denominator / left }
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value
}
