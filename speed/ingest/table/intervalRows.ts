/** The columns of formats that have no table of their own: Green Button XML and NEM12. */
export const intervalColumns = [
  'start',
  'duration_s',
  'value',
  'unit',
  'quality',
  'meter',
  'flow',
  'accumulation',
  'channel',
  'said_at',
] as const

export type IntervalCells = Readonly<Record<(typeof intervalColumns)[number], string>>

export function cellsOfInterval(interval: IntervalCells): string[] {
  return intervalColumns.map((column) => interval[column])
}
