import type { GapKind } from './reading.ts'

/** Adds gaps to their counts by kind. */
export function addGaps(
  counts: Partial<Record<GapKind, number>>,
  gaps: Iterable<{ readonly why: GapKind }>,
): void {
  for (const { why } of gaps) counts[why] = (counts[why] ?? 0) + 1
}
