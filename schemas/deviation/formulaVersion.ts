/**
 * Raise it whenever a formula of batch rows changes, here or in `schemas/baseline`: of deviations,
 * of day baselines or of group sums. Generations store it, and the next one then computes every day
 * again; otherwise days of the former formula would remain beside days of the new one.
 */
export const formulaVersion = 3
