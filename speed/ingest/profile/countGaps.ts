import { type GapCounts, type GapKind, gapKinds } from './reading.ts'

/** Adds gaps to their counts by kind. */
export function addGaps(
  counts: Partial<Record<GapKind, number>>,
  gaps: Iterable<{ readonly why: GapKind }>,
): void {
  for (const { why } of gaps) counts[why] = (counts[why] ?? 0) + 1
}

export function addCounts(counts: Partial<Record<GapKind, number>>, more: GapCounts): void {
  for (const kind of gapKinds) {
    const count = more[kind]
    if (count !== undefined) counts[kind] = (counts[kind] ?? 0) + count
  }
}
