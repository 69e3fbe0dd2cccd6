/** What makes a history poor training data. In this order, joined by `,` in rows. */
const historyFlags = ['empty', 'short-history', 'gaps', 'flat-line'] as const
export type HistoryFlag = (typeof historyFlags)[number]

export type FlagSeriesOptions = {
  readonly daySlots: number
  /** Below this many days of known slots the history is short. */
  readonly daysMin: number
}

/** A share of unknown slots above this, from the first known one on, is flagged. */
const gapShareMax = 0.1

/**
 * Flags of a history. `flat-line`: the last day has a single value in every known slot, which
 * happens only when the meter is stuck or the site is vacant.
 */
export function flagSeries(values: Float64Array, options: FlagSeriesOptions): HistoryFlag[] {
  const { daySlots, daysMin } = options
  const first = values.findIndex((value) => !Number.isNaN(value))
  if (first < 0) return ['empty']
  const lived = values.subarray(first)
  const known = lived.filter((value) => !Number.isNaN(value)).length
  const lastDay = values.subarray(Math.max(values.length - daySlots, 0))
  const flags: HistoryFlag[] = []
  if (known < daysMin * daySlots) flags.push('short-history')
  if (1 - known / lived.length > gapShareMax) flags.push('gaps')
  if (isFlat(lastDay)) flags.push('flat-line')
  return flags
}

function isFlat(values: Float64Array): boolean {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length >= values.length / 2 && known.every((value) => value === known[0])
}
