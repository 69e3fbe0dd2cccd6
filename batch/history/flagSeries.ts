/** What makes a history a poor teacher. Sorted as here, joined by `,` in rows. */
const historyFlags = ['empty', 'short-history', 'gaps', 'flat-line'] as const
export type HistoryFlag = (typeof historyFlags)[number]

export type FlagSeriesOptions = {
  readonly daySlots: number
  /** Fewer known slots than so many days: short. */
  readonly daysMin: number
}

/** A share of unknown slots above this, from the first known one on, is worth a flag. */
const gapShareMax = 0.1

/**
 * Looks a history over. `flat-line`: the last day has one single value in every known slot, which
 * a home has only when the meter hangs or nobody lives there.
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
