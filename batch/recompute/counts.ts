/** What a run of the batch layer has computed. */
export type RecomputeCounts = {
  readonly meters: number
  /** Local days recomputed: those whose inputs changed. */
  readonly days: number
  readonly deviations: number
  /** Sums of a group over an interval. */
  readonly groups: number
  readonly baselines: number
  readonly forecasts: number
  /** Forecasts by seasonal naive. */
  readonly naiveForecasts: number
  /** Those among them without a like day. */
  readonly daysWithoutBaseline: number
}

export const noCounts: RecomputeCounts = {
  meters: 0,
  days: 0,
  deviations: 0,
  groups: 0,
  baselines: 0,
  forecasts: 0,
  naiveForecasts: 0,
  daysWithoutBaseline: 0,
}

/** The sums of both; counts that `more` lacks are unchanged. */
export function addCounts(
  counts: RecomputeCounts,
  more: Partial<RecomputeCounts>,
): RecomputeCounts {
  const names = Object.keys(noCounts) as (keyof RecomputeCounts)[]
  const sums = names.map((name) => [name, counts[name] + (more[name] ?? 0)])
  return Object.fromEntries(sums) as RecomputeCounts
}
