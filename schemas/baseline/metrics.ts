/** Baseline and metered energy of the same intervals, mWh. */
export type BaselinePair = { readonly baselineMwh: number; readonly meteredMwh: number }

/**
 * Error of a baseline (METHODS §1.4), as shares of the mean magnitude of load; estimates.
 *
 * With errors e = B - A over n intervals and M = Σ|A| / n:
 *
 *     rrmse = √(Σe² / n) / M    bias = Σe / Σ|A|    nmae = Σ|e| / Σ|A|
 *     variability = √(Σ(e - Σe/n)² / n) / M,        so rrmse² = bias² + variability²
 *
 * Accuracy, bias and variability are the three measures of KEMA's "PJM Empirical Analysis of
 * Demand Response Baseline Methods" (2011); it takes variability over M too, its divisor (n or
 * n - 1) is unconfirmed.
 */
export type BaselineErrors = {
  /** Root of the mean squared error, over the mean magnitude. */
  readonly rrmse: number
  /** Sum of errors over the sum of magnitudes; a positive bias overpays. */
  readonly bias: number
  /** Mean absolute error, over the mean magnitude. */
  readonly nmae: number
  /** Standard deviation of the errors, over the mean magnitude: what is left without the bias. */
  readonly variability: number
}

/** Null when there is nothing to compare, or nothing was metered. */
export function measureErrors(pairs: readonly BaselinePair[]): BaselineErrors | null {
  const load = sumOf(pairs, (each) => Math.abs(each.meteredMwh))
  if (pairs.length === 0 || load <= 0) return null
  const mean = load / pairs.length
  const error = ({ baselineMwh, meteredMwh }: BaselinePair) => baselineMwh - meteredMwh
  const usual = sumOf(pairs, error) / pairs.length
  const spread = sumOf(pairs, (each) => (error(each) - usual) ** 2)
  return {
    rrmse: Math.sqrt(sumOf(pairs, (each) => error(each) ** 2) / pairs.length) / mean,
    bias: sumOf(pairs, error) / load,
    nmae: sumOf(pairs, (each) => Math.abs(error(each))) / load,
    variability: Math.sqrt(spread / pairs.length) / mean,
  }
}

function sumOf(pairs: readonly BaselinePair[], of: (pair: BaselinePair) => number): number {
  return pairs.reduce((sum, each) => sum + of(each), 0)
}
